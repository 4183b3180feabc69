// Runs that count by translated blocks: one hook at each block, none at its instructions. A run goes over to counting instructions, for a while or until
// it ends, where a block alone does not do: its last instructions, blocks with instructions that have to be looked at, accesses of devices, and
// faults, which are made again instruction by instruction. So all of these are told, and counted, as they are without blocks.
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "entry-alignment.h"
#include "translations.h"

namespace unicornjs {

class Engine;
struct RunState;

class Blocks {
 public:
  // Is the library the known release, and does all this do on it what it is for? Tried out on an engine of its own, once for a thread.
  static bool Work(int arch, int mode);
  // Installs the hook of blocks. `code` is the one of instructions. Null where the library's internals are not those that are known, or do not do what
  // they are for.
  static std::unique_ptr<Blocks> Install(Engine* engine, uc_hook code);

  // Counts by blocks, or by instructions, from the next block that is looked for on.
  void Select(bool by_blocks);
  bool selected() const { return selected_; }
  // What instructions have to be looked at has changed.
  void Forget() { slots_.fill({}); }
  // Bytes of translations.
  size_t Bytes() const { return translations_->Bytes(); }
  // As if nothing had run yet. What has been translated stays.
  void Restart() {
    Forget();
    block_ = nullptr;
    before_ = 0;
    since_ = 0;
    inside_ = false;
    tail_ = false;
    wait_ = kLeastWait;
  }
  // To be called before a run: throws all translations away where there are many. Behind its first gigabyte of them the library makes more that it does
  // not find its way about in (their instructions are counted wrongly, or it crashes), and it never throws those away that are not used any more. It takes
  // as long as to clear that gigabyte.
  void MakeRoom() {
    if (translations_->Bytes() <= kMostBytes) return;
    translations_->Flush();
    Forget();
  }
  // Instructions that a run had better count one by one before blocks are tried; 0: none.
  uint64_t ByInstructionsFirst() const { return wait_ > kLeastWait ? wait_ : 0; }

  // Those below: only while blocks are selected.

  // In a hook of an access: makes it again, by instructions. Does not come back, but where the access is none of translated code.
  void Redo(bool of_device);
  // The run has stopped, or traps, with PC at `pc`: the state of the run becomes that of counting by instructions, where the instruction that was started last
  // is the one at `pc`, or the last of the block where `pc` is outside.
  void Settle(uint64_t pc);
  // The same where `pc` is behind that instruction; and where it can only be outside.
  void SettleBefore(uint64_t pc);
  void SettleBehind();

  // In the hook of an instruction that has not been counted: goes on with blocks.
  [[noreturn]] void GoOnByBlocks(uint64_t address);

 private:
  // How a block counts.
  struct Slot {
    // The host address that its hook returns to: it names a translation.
    const void* caller = nullptr;
    const uint8_t* block = nullptr;
    uint64_t count = 0;
    // `count`, or more than any budget: the block has to be looked at.
    uint64_t weight = 0;
    uint64_t last = 0;
    // What has to hold for it to be executed as a block.
    Alignment alignment;
    bool inside = false;
    bool special = false;
    // Its last instruction is conditional.
    bool tail = false;
  };
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kMostBytes = size_t{3} << 28;
  // Instructions that are counted one by one before blocks are tried again: going there and back costs some hundred host instructions. It is twice as many every
  // time that it was not worth while.
  static constexpr uint64_t kLeastWait = 256;
  static constexpr uint64_t kLongestWait = 16384;

  Blocks(Engine* engine, std::unique_ptr<Translations> translations) : engine_(engine), translations_(std::move(translations)) {}
  static void OnBlock(uc_engine* uc, uint64_t address, uint32_t size, void* user);
  Slot& SlotOf(const void* caller) { return slots_[reinterpret_cast<uintptr_t>(caller) / 64 % kSlots]; }
  void Attend(uint64_t address, uint32_t size, const void* caller);
  void Classify(Slot& slot, uint64_t address, uint32_t size);
  bool IsSpecial(uint64_t address, uint32_t size, Alignment& alignment);
  bool IsAligned(const Slot& slot) const;
  [[noreturn]] void GoOnByInstructions(uint64_t address, uint64_t wait);
  size_t Find(uint64_t pc);
  void Rewind(size_t index);
  void SettleAt(size_t index);
  bool ConditionPasses(uint8_t it_state) const;
  uint64_t LastExecuted(size_t index) const;

  Engine* engine_;
  std::unique_ptr<Translations> translations_;
  bool selected_ = false;
  uint64_t* code_bounds_ = nullptr;
  uint64_t* block_bounds_ = nullptr;
  // The block that is being executed, null before the first of a run, and what was executed before it.
  const uint8_t* block_ = nullptr;
  uint64_t before_ = 0;
  bool inside_ = false;
  bool tail_ = false;
  uint64_t wait_ = kLeastWait;
  // Executed instructions of the run at which blocks were selected.
  uint64_t since_ = 0;
  std::array<Slot, kSlots> slots_{};
};

}  // namespace unicornjs
