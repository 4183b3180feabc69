// State of a budgeted run. Counting rules: packages/unicorn.js/README.md, "run".
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "block-counts.h"
#include "memory.h"
#include "riscv.h"
#include "stops.h"

namespace unicornjs {

// The numbers are part of the interface with src/run.ts.
enum class Reason : int {
  kNone = 0,
  kBudget = 1,
  kStopped = 2,
  kException = 3,
  kInvalidInstruction = 4,
  kMemoryFault = 5,
  kIdle = 6,
  kTrap = 7,
  kBreakpoint = 8,
  kWatchpoint = 9,
};

// What a run of an M-profile core stops at beside what the library stops at: bits of `checks`, with src/m-profile.ts.
enum Check : uint32_t {
  // Behind an instruction that may unmask interrupts: CPS, MSR.
  kCheckMasks = 1,
  // Behind WFE.
  kCheckWfe = 2,
  // At accesses of several words, or of the FPU, that are not aligned.
  kCheckMultiple = 4,
  // At other accesses that are not aligned.
  kCheckUnaligned = 8,
  // At divisions by zero.
  kCheckDivision = 16,
  // At BXNS, BLXNS and SG.
  kCheckSecurity = 32,
  // At instructions of the FPU.
  kCheckFloats = 64,
  // At what Armv6-M does not have: CBZ, CBNZ, IT.
  kCheckNarrow = 128,
  // And instructions of 32 bits, but for BL, MRS, MSR and barriers.
  kCheckWide = 256,
  // At MSR CONTROL.
  kCheckControl = 512,
};

// Why a run stopped at an instruction by `checks`: `interrupt` of its outcome.
enum Trap : uint32_t {
  kTrapUnaligned = 1,
  kTrapDivision = 2,
  kTrapSecurity = 3,
  kTrapFloats = 4,
  kTrapUndefined = 5,
  kTrapControl = 6,
};

// An address range as begin and length, tested with one unsigned comparison.
struct Range {
  uint64_t begin = 0;
  uint64_t length = 0;
  bool Contains(uint64_t address) const { return address - begin < length; }
};

// The mapping that code was fetched from last.
struct Window {
  Range range;
  const uint8_t* host = nullptr;
};

struct RunState {
  // What the code hook touches for every instruction comes first, together.
  uint64_t executed = 0;
  // Blocks that end up to here only have to be counted (blocks.h); 0: there is more to do.
  uint64_t block_limit = 0;
  // Counting by instructions, where blocks are tried again; never: UINT64_MAX.
  uint64_t back = UINT64_MAX;
  // Up to so many of them the hook has nothing to do but to look at the instruction and to count it: `pause`, or 0 (Settle).
  uint64_t plain = 0;
  // The instruction that was started last.
  uint64_t current = 0;
  // Where there is a counted or covered range, or a stop in front of an instruction. Null: nowhere.
  const Stops::Filter* places = nullptr;
  Window window;
  // The instruction that retired last before `current`. Side by side the compiler would store both at once, which takes longer.
  uint64_t retired = 0;
  // RISC-V: SYSTEM instructions that a run stops at (riscv.h); null: none.
  std::unique_ptr<std::array<uint8_t, kWatchedInstructions>> watched;
  // Arm: what the hook has to do by the upper eight bits of an instruction (m-profile-checks.h).
  std::array<uint8_t, 256> groups{};
  // What blocks that count themselves keep: of `block_limit` they know nothing.
  BlockCounts counts;

  bool installed = false;
  bool active = false;
  bool stop_requested = false;
  // Anything but plain counting, a trace included.
  bool attention = true;

  uint32_t checks = 0;
  // Of a debugger; null: there have never been any.
  std::unique_ptr<Stops> stops;
  // RISC-V: traps that the run entered by itself. Each counts as one instruction.
  uint64_t entered = 0;
  // Has this run counted by blocks?
  bool by_blocks = false;
  // Is there a counted or a covered range?
  bool ranges = false;
  // Has the guest executed SEV?
  bool event = false;
  // A device has refused the access that is going on.
  bool aborted = false;
  uint64_t aborted_pc = 0;

  uint64_t budget = 0;
  // Where the hook has something to do besides counting: the budget, or the next marking of fast stores.
  uint64_t pause = 0;
  // Instructions since that marking, of the runs before.
  uint64_t unmarked = 0;
  uint64_t in_range = 0;
  Range counted;
  Range covered;
  Memory* coverage = nullptr;

  // The last that retired inside `counted`; -1 before there is one.
  int64_t retired_in_range = -1;
  bool started = false;
  // The IT block being executed: its conditional instructions, the state at the first of them,
  // and the address that the block was counted at.
  Range it_block;
  uint8_t it_state = 0;
  uint64_t it_unit = 0;
  // What `executed` was before the block.
  uint64_t it_begun = 0;
  // Where and in which state the last stop left a block half executed; state 0: nowhere.
  uint64_t left_pc = 0;
  uint8_t left_state = 0;

  // Where the library stops by itself; hooks stop everything else.
  uint64_t until = 0;
  Reason reason = Reason::kNone;
  uint64_t pc = 0;
  bool interrupted = false;
  uint32_t interrupt = 0;
  bool faulted = false;
  int fault_type = 0;
  uint64_t fault_address = 0;
  int fault_size = 0;

  // Addresses of the instructions that the run executed, in order: room for `trace_limit` and the rest of an IT block.
  Memory* trace = nullptr;
  uint64_t trace_limit = 0;
  uint64_t traced = 0;

  // The hook has more to do than to count.
  void Attend() {
    attention = true;
    plain = 0;
    block_limit = 0;
    counts.Stop();
  }

  // To be called where one of the things has changed that keep the hook from plain counting.
  void Settle() {
    const bool is_plain = !attention && it_block.length == 0 && started;
    plain = is_plain ? std::min(pause, back) : 0;
    block_limit = is_plain ? pause : 0;
    counts.Stop();
  }

  // A run that counts by instructions goes on so for `instructions`, or to its end.
  void TryBlocksAfter(uint64_t instructions);

  // Instructions before the unit that is being executed; an IT block is one.
  uint64_t Progress() const {
    if (!active) return 0;
    if (it_block.length != 0) return it_begun;
    return started ? executed - 1 : executed;
  }
};

// Between two instructions: the last one is done, and none is being executed.
void EndInstruction(RunState& run);

// Runs do not try blocks with fewer left: a block has up to 512 instructions.
constexpr uint64_t kFewestByBlocks = 64;

// Moves the end of the run that is going on closer.
void LimitRun(RunState& run, uint64_t budget);

}  // namespace unicornjs
