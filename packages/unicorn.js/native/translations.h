// Code that the library has translated: its blocks, where instructions begin in them, and leaving it between two instructions.
#pragma once
#include <unicorn/unicorn.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "block-counts.h"

namespace unicornjs {

// An instruction of a translated block.
struct TranslatedInstruction {
  uint64_t pc = 0;
  // Arm: ITSTATE at it; 0 where it is not conditional, and on RISC-V.
  uint8_t it_state = 0;
  // Where its host code ends, from the beginning of the block's.
  uint32_t host_end = 0;
};

// The library keeps several translations of one address apart by the cluster that its CPU belongs to. With that, code with a hook at every
// instruction and code with one at every block lie side by side, and a run can go from one to the other without translating anew.
class Translations {
 public:
  // Null where the library, or the host that it was built for, is not the one whose internals are known.
  static std::unique_ptr<Translations> Find(uc_engine* uc, int arch, int mode);

  // The block that translated code at a host address belongs to; null: none.
  const uint8_t* BlockAt(const void* host) const { return lookup_(context_, host); }
  // The innermost block on the stack, and the host address in the code of its instruction that is being executed; null: there is none between here and the library's main loop.
  const uint8_t* BlockOnStack(const void** host);
  uint64_t AddressOf(const uint8_t* block) const;
  unsigned CountOf(const uint8_t* block) const;
  // Of all instructions of a block, in order.
  const std::vector<TranslatedInstruction>& Decode(const uint8_t* block);
  // Those of the block that was decoded last.
  const std::vector<TranslatedInstruction>& Decoded() const { return decoded_; }

  // Selects the translations to be looked for from now on.
  void Select(bool by_blocks) { *cluster_ = by_blocks ? kBlocks : usual_; }
  // Bytes that translations take, with those that are not used any more.
  size_t Bytes() const { return bytes_(context_); }
  // Throws them all away; not during a run. What is translated then lies where others lay.
  void Flush() { flush_(cpu_); }
  // What the library has in front of the guest's registers.
  BlockWords* words() const { return block_words_; }
  // Has translated code been asked to return before its next block?
  bool IsLeaving() const { return *leaving_ < 0; }
  // Makes registers and PC those of the access that is going on at a host address; its instruction has not been executed. Returns PC.
  uint64_t Restore(const void* host);
  // Goes on at `pc` from within a hook, looking for its translation anew. Does not come back.
  [[noreturn]] void GoOnAt(uint64_t pc);

 private:
  Translations() = default;
  uint64_t ReadPc() const;
  // The host address in the code of the instruction that calls from `caller`.
  const uint8_t* PlaceOf(const uint8_t* block, const uint8_t* caller);

  static constexpr int32_t kBlocks = 1;

  bool wide_ = false;
  int words_ = 0;
  uint8_t* cpu_ = nullptr;
  uint8_t* pc_ = nullptr;
  int32_t* cluster_ = nullptr;
  int32_t usual_ = 0;
  const int32_t* leaving_ = nullptr;
  BlockWords* block_words_ = nullptr;
  void* context_ = nullptr;
  const uint8_t* (*lookup_)(void*, const void*) = nullptr;
  bool (*restore_)(void*, const void*, bool) = nullptr;
  void (*exit_)(void*) = nullptr;
  size_t (*bytes_)(void*) = nullptr;
  void (*flush_)(void*) = nullptr;
  std::vector<TranslatedInstruction> decoded_;
};

}  // namespace unicornjs
