// Runs that count by translated blocks: one hook at each block, none at its instructions. A run goes over to counting instructions, for a while or until
// it ends, where a block alone does not do: its last instructions, blocks with instructions that have to be looked at, accesses of devices, and
// faults, which are made again instruction by instruction. So all of these are told, and counted, as they are without blocks.
// A block that needs no more than to be counted does that itself, in its translated code, and calls only where it must not go on (counting-site.h). What
// such blocks have counted comes to the state of the run before anybody looks at it (Collect).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "counting-site.h"
#include "entry-alignment.h"
#include "translations.h"

namespace unicornjs {

class Engine;
struct RunState;

class Blocks {
 public:
  // Is the library the known release, and does all this do on it what it is for? Tried out on engines of its own, once for a thread.
  static bool Work(int arch, int mode);
  // And may blocks count themselves?
  static bool MayCountThemselves(int arch, int mode);
  // While it exists, the blocks that call are those of this engine. Runs nest, with one engine each.
  class Running {
   public:
    explicit Running(Blocks* blocks) : outer_(running_) { running_ = blocks; }
    ~Running() { running_ = outer_; }

   private:
    Blocks* outer_;
  };
  // Installs the hook of blocks. `code` is the one of instructions. Null where the library's internals are not those that are known, or do not do what
  // they are for.
  static std::unique_ptr<Blocks> Install(Engine* engine, uc_hook code);

  // Counts by blocks, or by instructions, from the next block that is looked for on.
  void Select(bool by_blocks);
  bool selected() const { return selected_; }
  // What instructions have to be looked at has changed.
  void Forget();
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
    Forget();
    translations_->Flush();
  }
  // How many blocks count themselves.
  size_t counting() const { return counting_.size(); }
  // The state of the run is that behind what blocks have counted by themselves.
  void Collect();
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
    const uint8_t* caller = nullptr;
    const uint8_t* block = nullptr;
    uint64_t count = 0;
    // `count`, or more than any budget: the block has to be looked at.
    uint64_t weight = 0;
    uint64_t last = 0;
    uint64_t address = 0;
    // What has to hold for it to be executed as a block.
    Alignment alignment;
    bool inside = false;
    bool special = false;
    // Its last instruction is conditional.
    bool tail = false;
  };
  // A block that counts itself, and what its call was.
  struct Counting {
    Slot slot;
    SelfCount count;
    CountingSite::Bytes before;
  };
  static constexpr size_t kSlots = 1024;
  // The most instructions of a block that counts itself, and the most of them.
  static constexpr uint64_t kMostCounted = 127;
  static constexpr size_t kMostCounting = UINT16_MAX;
  static constexpr size_t kMostBytes = size_t{3} << 28;
  // Instructions that are counted one by one before blocks are tried again: going there and back costs some hundred host instructions. It is twice as many every
  // time that it was not worth while.
  static constexpr uint64_t kLeastWait = 256;
  static constexpr uint64_t kLongestWait = 16384;

  Blocks(Engine* engine, std::unique_ptr<Translations> translations) : engine_(engine), translations_(std::move(translations)) {}
  static void OnBlock(uc_engine* uc, uint64_t address, uint32_t size, void* user);
  Slot& SlotOf(const void* caller) { return slots_[reinterpret_cast<uintptr_t>(caller) / 64 % kSlots]; }
  void Meet(uint64_t address, uint32_t size, const uint8_t* caller);
  void Attend(const Slot& slot);
  bool MakeCount(const Slot& slot);
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
  // By their numbers, which begin with 1.
  std::vector<Counting> counting_;
  static thread_local Blocks* running_;
};

}  // namespace unicornjs
