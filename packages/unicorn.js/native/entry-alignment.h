// Which registers have to be aligned when control comes to a block of Thumb code, so that no access in it is misaligned.
#pragma once
#include <cstdint>

namespace unicornjs {

// Registers by their bits: those whose values have to be multiples of 4, and of 2.
struct Alignment {
  uint16_t words = 0;
  uint16_t halves = 0;

  bool HoldsFor(const uint32_t* registers) const;
};

// What the processor wants aligned: accesses of several words always (Armv7-M ARM, A3.2.1), those of one word or halfword if it is so configured.
struct AlignedAccesses {
  bool multiples;
  bool singles;
};

// Goes along the instructions of a block, and traces the addresses of its accesses back to the registers that they were in when it began.
class EntryAlignment {
 public:
  explicit EntryAlignment(AlignedAccesses accesses);

  // The next instruction, with its second halfword if it has one. False where an access may be misaligned whatever the registers hold at the beginning,
  // or depends on more than them. `conditional`: it is in an IT block.
  bool Add(uint16_t first, uint16_t second, bool conditional);
  const Alignment& needed() const { return needed_; }

 private:
  // What a register holds is a multiple of 4 and what the register of this number held at the beginning; or a multiple of 4; or anything.
  static constexpr int8_t kAligned = 16;
  static constexpr int8_t kAnything = 17;

  bool NeedsOf(uint16_t first, uint16_t second);
  bool Need(int number, unsigned size);
  void ExecuteNarrow(uint16_t first);
  void ExecuteWide(uint16_t first, uint16_t second);
  void Write(int number, int8_t origin);
  // All registers of the list get anything.
  void WriteAll(unsigned list);
  // The register gets the value of another one and a number.
  void WriteSum(int number, int from, uint32_t addend);

  AlignedAccesses accesses_;
  Alignment needed_;
  int8_t origins_[16];
  bool conditional_ = false;
};

}  // namespace unicornjs
