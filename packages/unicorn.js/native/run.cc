// Execution: plain emu_start, and runs of an exact number of instructions.
#include "run.h"

#include <algorithm>

#include "arm-mpu.h"
#include "blocks.h"
#include "counting.h"
#include "engine.h"
#include "internals.h"
#include "it-block.h"
#include "it-exit.h"
#include "m-profile-checks.h"

namespace unicornjs {

void LimitRun(RunState& run, uint64_t budget) {
  if (budget >= run.budget) return;
  run.budget = budget;
  run.pause = std::min(run.pause, budget);
  run.plain = std::min(run.plain, budget);
  run.block_limit = std::min(run.block_limit, budget);
  run.counts.Stop();
}

void RunState::TryBlocksAfter(uint64_t instructions) {
  const uint64_t at = executed + instructions;
  back = at + kFewestByBlocks < budget ? at : UINT64_MAX;
  Settle();
}

namespace {

// `until` of a run: an address that no 32-bit guest reaches.
constexpr uint64_t kNever = UINT64_MAX - 1;

constexpr uint64_t kWidestInstruction = 4;
// Instructions after which it is asked again whether blocks can be counted.
constexpr uint64_t kBlocksLater = 1024;

// EPSR.T.
constexpr uint32_t kThumb = 1 << 24;

// Number of the library's interrupt hook on Arm.
constexpr uint32_t kPrefetchAbort = 3;

// YIELD and WFE are hints: the library stops at them as at an invalid instruction, with PC behind.
bool IsWfe(Engine* engine, uint64_t address) {
  const uint16_t first = HalfwordAt(engine, address);
  return first == 0xBF20 || (first == 0xF3AF && HalfwordAt(engine, address + 2) == 0x8002);
}
bool IsYieldOrWfe(Engine* engine, uint64_t address) {
  const uint16_t first = HalfwordAt(engine, address);
  return IsWfe(engine, address) || first == 0xBF10 || (first == 0xF3AF && HalfwordAt(engine, address + 2) == 0x8001);
}

// A run's budget keeps it within the limit; only an IT block that began before it comes behind it. What jumps into
// the middle of its own block is not counted again, so the room is looked at too.
void Trace(RunState& run, uint64_t address) {
  if (run.traced >= run.trace_limit + kMostConditional) return;
  reinterpret_cast<uint32_t*>(run.trace->base())[run.traced++] = static_cast<uint32_t>(address);
}

// ITSTATE at an address of the current block.
uint8_t ItStateAt(Engine* engine, const RunState& run, uint64_t address) {
  uint8_t state = run.it_state;
  for (uint64_t at = run.it_block.begin; at < address;) {
    state = ItAdvance(state);
    at += IsWide(HalfwordAt(engine, at)) ? 4 : 2;
  }
  return state;
}

// The next pause is in `instructions` from now, or at the budget.
void SetPause(RunState& run, uint64_t instructions) { run.pause = std::min(run.budget, run.executed + instructions); }

void StopAt(RunState& run, uc_engine* uc, uint64_t address, Reason reason) {
  run.reason = reason;
  run.Attend();
  run.pc = address;
  uc_emu_stop(uc);
}

void StopAtWatched(RunState& run, uc_engine* uc, uint64_t address) {
  WatchedAccess& access = run.stops->access;
  access.hit = false;
  run.it_block.length = 0;
  run.fault_type = access.type;
  run.fault_address = access.address;
  run.fault_size = access.size;
  StopAt(run, uc, address, Reason::kWatchpoint);
}

// Has the debugger a stop in front of the instruction at `address`, or in the IT block that begins there? The library does not stop inside.
bool IsStop(Engine* engine, const RunState& run, uint64_t address, bool begins_block, uint16_t halfword) {
  if (run.executed == 0 && address == run.stops->passed) return false;
  if (run.stops->Has(address)) return true;
  const uint8_t state = begins_block ? ItStateAfter(halfword) : 0;
  return state != 0 && run.stops->HasWithin(address + 2, ItBlockLength(engine, address + 2, state));
}

// A branch, which ends its block, may go back into it: what it finds there is not conditional any more.
bool IsInItBlock(const RunState& run, uint64_t address) {
  return run.it_block.Contains(address) && !(run.started && address <= run.current);
}

// Everything that a code hook looks at rarely. False when the instruction must not be counted.
bool Attend(Engine* engine, RunState& run, uc_engine* uc, uint64_t address) {
  if (!run.active || run.reason != Reason::kNone) return false;
  // A store that faults does not leave the translated block by itself: this is the instruction
  // behind it, and it must not run.
  if (run.faulted || run.aborted) {
    uc_emu_stop(uc);
    return false;
  }
  const bool in_it_block = IsInItBlock(run, address);
  if (!in_it_block && (engine->failed() || run.stop_requested)) {
    run.it_block.length = 0;
    StopAt(run, uc, address, Reason::kStopped);
    return false;
  }
  if (!in_it_block && run.stops != nullptr && run.stops->access.hit) {
    StopAtWatched(run, uc, address);
    return false;
  }
  const bool begins = in_it_block || run.executed < run.budget;
  if (begins && run.trace != nullptr) Trace(run, address);
  return true;
}

// False: the budget is spent.
bool Pause(Engine* engine, RunState& run) {
  if (run.executed >= run.budget) return false;
  engine->fast_stores()->Mark();
  SetPause(run, FastStores::kInterval);
  return true;
}

// Where translated blocks begin: at jumps.
void GoBackToBlocks(Engine* engine, RunState& run, uint64_t address) {
  if (!run.started || address - run.current <= kWidestInstruction) return;
  if (!engine->CanCountByBlocks()) return run.TryBlocksAfter(kBlocksLater);
  engine->blocks()->GoOnByBlocks(address);
}

// The hook in full.
void AttendCode(uc_engine* uc, Engine* engine, RunState& run, uint64_t address) {
  if (run.attention && !Attend(engine, run, uc, address)) return;
  const uint16_t halfword = engine->is_arm() ? HalfwordAt(engine, address) : 0;
  const uint8_t group = run.groups[halfword >> 8];
  if (run.it_block.length != 0) {
    if (IsInItBlock(run, address)) {
      const uint32_t trap = (group & kGroupChecked) != 0 ? CheckInstruction(engine, run, address, halfword) : 0;
      if (trap == 0 || engine->cpu() == nullptr) return Begin(run, address);
      run.interrupt = trap;
      StopAt(run, uc, address, Reason::kTrap);
      ItExit::Leave(uc, engine->cpu());
    }
    run.it_block.length = 0;
  }
  if (run.executed >= run.pause && !Pause(engine, run)) return StopAt(run, uc, address, Reason::kBudget);
  if (run.executed >= run.back) GoBackToBlocks(engine, run, address);
  if (run.stops != nullptr && IsStop(engine, run, address, (group & kGroupIt) != 0, halfword)) return StopAt(run, uc, address, Reason::kBreakpoint);
  if ((group & kGroupChecked) != 0) {
    const uint32_t trap = CheckInstruction(engine, run, address, halfword);
    if (trap != 0) {
      run.interrupt = trap;
      return StopAt(run, uc, address, Reason::kTrap);
    }
  }
  if (run.watched != nullptr && IsWatched(engine, run, address)) return StopAt(run, uc, address, Reason::kTrap);
  Begin(run, address);
  Count(run, address, 1);
  if ((group & kGroupIt) == 0) return;
  const uint8_t state = ItStateAfter(halfword);
  if (state != 0) EnterItBlock(engine, run, address + 2, state, address);
}

__attribute__((noinline)) void AttendAndSettle(uc_engine* uc, Engine* engine, uint64_t address) {
  RunState& run = engine->run();
  AttendCode(uc, engine, run, address);
  run.Settle();
}

// Most of the time there is nothing to do but to count, in as few host instructions as possible.
template <bool kArm>
void OnRunCode(uc_engine* uc, uint64_t address, uint32_t, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  if (run.executed >= run.plain) return AttendAndSettle(uc, engine, address);
  if (run.places != nullptr && Stops::May(*run.places, address)) return AttendAndSettle(uc, engine, address);
  if (kArm || run.watched != nullptr) {
    const uint64_t offset = address - run.window.range.begin;
    if (offset >= run.window.range.length) return AttendAndSettle(uc, engine, address);
    const uint8_t* host = run.window.host + offset;
    if (kArm ? run.groups[host[1]] != 0 : IsSuspect(host)) return AttendAndSettle(uc, engine, address);
  }
  run.retired = run.current;
  run.current = address;
  run.executed++;
}

void OnRunInterrupt(uc_engine* uc, uint32_t number, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  if (run.active) engine->SettleInterrupt(number);
  if (run.active && EnterTrap(engine, run, number)) return;
  run.interrupted = true;
  run.interrupt = number;
  if (run.active || !engine->HasHook(UC_HOOK_INTR)) uc_emu_stop(uc);
}

bool IsFetch(int fault_type) {
  return fault_type == UC_MEM_FETCH_UNMAPPED || fault_type == UC_MEM_FETCH_PROT;
}

bool OnRunFault(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  // Of an instruction that accesses several words, the first.
  if (run.faulted) return false;
  if (!IsFetch(type)) engine->RedoByInstructions(false);
  run.faulted = true;
  run.Attend();
  run.fault_type = type;
  run.fault_address = address;
  run.fault_size = size;
  return false;
}

}  // namespace

int Engine::InstallRunHooks() {
  if (run_.installed) return UC_ERR_OK;
  uc_hook code = 0, other = 0;
  auto add = [&](uc_hook& handle, int type, void* callback) {
    return uc_hook_add(uc_, &handle, type, callback, this, uint64_t{1}, uint64_t{0});
  };
  uc_err error = add(code, UC_HOOK_CODE, reinterpret_cast<void*>(is_arm() ? OnRunCode<true> : OnRunCode<false>));
  if (error == UC_ERR_OK) error = add(other, UC_HOOK_INTR, reinterpret_cast<void*>(OnRunInterrupt));
  if (error == UC_ERR_OK) error = add(other, UC_HOOK_MEM_INVALID, reinterpret_cast<void*>(OnRunFault));
  if (error != UC_ERR_OK) return error;
  run_.installed = true;
  if (Blocks::Work(arch_, mode_)) blocks_ = Blocks::Install(this, code);
  if (is_arm()) run_.groups = GroupsWith(run_.checks);
  return RemoveCache(0, UINT64_MAX);
}

bool Engine::CanCountByBlocks() const {
  const bool stops = run_.stops != nullptr && (!run_.stops->watches.empty() || run_.stops->access.hit);
  const bool plain = run_.it_block.length == 0 && run_.until == kNever && !stops && (run_.checks & kCheckMasks) == 0;
  return plain && blocks_ != nullptr && guard_ == nullptr && hooks_.empty() && run_.trace == nullptr && run_.coverage == nullptr;
}

void Engine::RedoByInstructions(bool of_device) {
  if (blocks_ != nullptr && blocks_->selected()) blocks_->Redo(of_device);
}

// In the hook of an interrupt, which is told with PC behind its instruction on RISC-V.
void Engine::SettleInterrupt(uint32_t number) {
  if (blocks_ == nullptr || !blocks_->selected()) return;
  const bool fetch = !is_arm() && (number == kCauseFetchAccess || number == kCauseFetchPage);
  if (fetch) return blocks_->SettleBehind();
  blocks_->Settle(ReadPc() - (is_arm() ? 0 : 4));
}

void EndInstruction(RunState& run) {
  if (run.started) Retire(run);
  run.started = false;
  run.Settle();
}

uint64_t Engine::ReadPc() const {
  uint64_t pc = 0;
  uc_reg_read(uc_, is_arm() ? int{UC_ARM_REG_PC} : int{UC_RISCV_REG_PC}, &pc);
  if (is_arm()) return pc & 0xFFFFFFFE;
  return mode_ == UC_MODE_RISCV64 ? pc : pc & 0xFFFFFFFF;
}

void Engine::WritePc(uint64_t pc) {
  const uint64_t value = is_arm() ? pc | 1 : pc;
  uc_reg_write(uc_, is_arm() ? int{UC_ARM_REG_PC} : int{UC_RISCV_REG_PC}, &value);
}

// ITSTATE that the CPU holds at the start of a run: from an exception return or a restored context
// it is meant, but after a trap out of a block it would make the next code conditional.
void Engine::ResumeItBlock(uint64_t pc) {
  uint32_t epsr = 0;
  uc_reg_read(uc_, UC_ARM_REG_EPSR, &epsr);
  uint8_t state = ItStateOfEpsr(epsr);
  if (state != 0 && state == run_.left_state && pc != run_.left_pc) {
    WriteItState(0);
    state = 0;
  }
  run_.left_state = 0;
  if (state != 0) EnterItBlock(this, run_, pc, state, pc);
}

// A fault or a system call inside a block: takes back what was not executed, and gives the CPU the
// ITSTATE of its PC, which the library loses at a fault.
void Engine::LeaveItBlock(uint64_t pc) {
  run_.left_pc = pc;
  run_.left_state = ItStateAt(this, run_, pc);
  Count(run_, run_.it_unit, -ItRemaining(run_.left_state));
  WriteItState(run_.left_state);
}

bool Engine::InThumbState() const {
  uint32_t epsr = 0;
  uc_reg_read(uc_, UC_ARM_REG_EPSR, &epsr);
  return (epsr & kThumb) != 0;
}

void Engine::WriteItState(uint8_t state) {
  const uint32_t epsr = kThumb | EpsrOfItState(state);
  uc_reg_write(uc_, UC_ARM_REG_EPSR, &epsr);
}

int Engine::Start(uint64_t begin, uint64_t until, uint64_t timeout, uint64_t count) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  // Nor inside of a device that the host accesses: that access would go on with an address space that is gone.
  if (busy()) return kErrorBusy;
  if (!PcIsAligned(begin)) return kErrorPc;
  const int undefined = DefineFlags();
  if (undefined != UC_ERR_OK) return undefined;
  running_ = true;
  translated_ = true;
  run_.interrupted = false;
  // The library throws its translations away where it counted before, and lays others where they were.
  if (count != 0) ForgetBlocks();
  int error = uc_emu_start(uc_, begin, until, timeout, count);
  running_ = false;
  // What the library says by itself when no interrupt hook is there; ours only counts for runs.
  if (error == UC_ERR_OK && run_.interrupted && !HasHook(UC_HOOK_INTR)) error = UC_ERR_EXCEPTION;
  return error;
}

void Engine::Stop() {
  // A budgeted run stops in its code hook: stopping inside an MMIO callback repeats the access.
  if (run_.active) {
    run_.stop_requested = true;
    run_.Attend();
  } else if (running_) {
    uc_emu_stop(uc_);
  }
}

int Engine::Abort(int type, uint64_t address, int size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!run_.active || !in_device_) return kErrorNoAccess;
  if (run_.aborted) return UC_ERR_OK;
  if (before_abort_ == nullptr) {
    const uc_err error = uc_context_alloc(uc_, &before_abort_);
    if (error != UC_ERR_OK) return error;
  }
  const uc_err error = uc_context_save(uc_, before_abort_);
  if (error != UC_ERR_OK) return error;
  run_.aborted = true;
  run_.aborted_pc = run_.current;
  run_.Attend();
  run_.fault_type = type;
  run_.fault_address = address;
  run_.fault_size = size;
  return UC_ERR_OK;
}

int Engine::Watch(uint32_t checks) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!m_profile_) return UC_ERR_ARCH;
  if (checks != run_.checks) run_.groups = GroupsWith(checks);
  // Blocks are not counted by while masks are to be looked at.
  if (((checks ^ run_.checks) & ~uint32_t{kCheckMasks}) != 0) ForgetBlocks();
  run_.checks = checks;
  constexpr uint32_t kTraps = kCheckMultiple | kCheckUnaligned | kCheckDivision | kCheckFloats | kCheckSecurity;
  if ((checks & kTraps) != 0 && cpu_ == nullptr && !busy() && ItExit::Works()) {
    const CpuPlace place = FindRegisters(uc_, UC_ARM_REG_R0, 13, 4);
    cpu_ = place.cpu;
    arm_registers_ = reinterpret_cast<const uint32_t*>(place.registers);
  }
  return UC_ERR_OK;
}

int Engine::RunFor(uint64_t pc, uint64_t budget) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (!is_arm() && arch_ != UC_ARCH_RISCV) return UC_ERR_ARCH;
  // Traces hold 32-bit addresses.
  if (mode_ == UC_MODE_RISCV64 && arch_ == UC_ARCH_RISCV && run_.trace != nullptr) return UC_ERR_ARCH;
  if (uses_exits_) return kErrorExits;
  const int installed = InstallRunHooks();
  if (installed != UC_ERR_OK) return installed;

  if (is_arm()) pc &= ~uint64_t{1};
  if (run_.trace != nullptr && budget > run_.trace_limit) budget = run_.trace_limit;
  run_.traced = 0;
  run_.budget = budget;
  run_.by_blocks = false;
  run_.executed = 0;
  run_.in_range = 0;
  run_.pause = budget;
  if (fast_stores_ != nullptr) SetPause(run_, FastStores::kInterval - std::min(run_.unmarked, FastStores::kInterval));
  if (budget == 0) {
    run_.reason = Reason::kBudget;
    run_.pc = pc;
    WritePc(pc);
    return UC_ERR_OK;
  }
  kept_reads_.Forget();
  run_.started = false;
  run_.stop_requested = false;
  run_.event = false;
  run_.entered = 0;
  run_.it_block.length = 0;
  run_.until = kNever;
  if (is_arm()) ResumeItBlock(pc);

  if (blocks_ != nullptr) blocks_->MakeRoom();
  const uint64_t first = blocks_ == nullptr ? 0 : blocks_->ByInstructionsFirst();
  bool by_blocks = budget > kFewestByBlocks && first == 0;
  run_.back = UINT64_MAX;
  const RunningHart hart(riscv_.get());
  const RunningProtection protection(&divided_pages_);
  const Blocks::Running blocks(blocks_.get());
  running_ = true;
  translated_ = true;
  run_.active = true;
  uc_err error;
  do {
    run_.reason = Reason::kNone;
    run_.interrupted = false;
    run_.faulted = false;
    run_.aborted = false;
    run_.attention = run_.stop_requested || failed() || run_.trace != nullptr || (run_.stops != nullptr && run_.stops->access.hit);
    run_.Settle();
    by_blocks = by_blocks && CanCountByBlocks();
    if (blocks_ != nullptr) blocks_->Select(by_blocks);
    if (!by_blocks && blocks_ != nullptr && run_.until == kNever) run_.TryBlocksAfter(first == 0 ? kBlocksLater : first);
    ShowMainExtension(false);
    error = uc_emu_start(uc_, is_arm() ? pc | 1 : pc, run_.until, 0, 0);
    ShowMainExtension(true);
    pc = FinishRun(error);
  } while (run_.reason == Reason::kNone && error == UC_ERR_OK);
  run_.active = false;
  run_.Attend();
  if (blocks_ != nullptr) blocks_->Select(false);
  if (run_.stops != nullptr && run_.executed > 0) run_.stops->passed = Stops::kNowhere;
  running_ = false;
  // Pauses are an interval apart.
  run_.unmarked = (run_.unmarked + run_.executed) % FastStores::kInterval;
  return run_.reason == Reason::kNone ? error : UC_ERR_OK;
}

// On RISC-V an instruction that straddles into a page without code fails the translation of its
// whole block: the instructions before it are still to be executed, up to the page's last halfword.
bool Engine::SplitsBlock(uint64_t pc) const {
  return !is_arm() && pc + 2 < run_.fault_address;
}

// Classifies why the library returned and settles PC and counts. Returns PC; a reason of kNone
// with no error asks for another round.
uint64_t Engine::FinishRun(uc_err& error) {
  RunState& run = run_;
  const uint64_t seen = ReadPc();
  if (blocks_ != nullptr && blocks_->selected()) {
    if (run.faulted) {
      blocks_->SettleBehind();
    } else if (error == UC_ERR_OK) {
      blocks_->SettleBefore(seen);
    } else {
      blocks_->Settle(seen);
    }
  }
  bool retired = run.started;
  if (run.aborted) {
    // What came behind the access has to be undone: the load's result, a changed base register.
    uc_context_restore(uc_, before_abort_);
    error = UC_ERR_OK;
    run.reason = Reason::kMemoryFault;
    run.pc = run.aborted_pc;
    retired = false;
  } else if (run.reason != Reason::kNone) {
    error = UC_ERR_OK;
  } else if (run.interrupted) {
    run.reason = Reason::kException;
    run.pc = seen;
    if (is_arm()) {
      retired = run.started && seen != run.current;
      // M-profile: the default memory map forbids execution here (ARM, B3.1).
      if (run.interrupt == kPrefetchAbort && !InThumbState()) {
        run.reason = Reason::kInvalidInstruction;
      } else if (run.interrupt == kPrefetchAbort) {
        run.reason = Reason::kMemoryFault;
        run.fault_type = UC_MEM_FETCH_PROT;
        run.fault_address = seen;
        run.fault_size = 2;
      }
    } else if (run.started) {
      // The library leaves PC at instruction + 4 whatever its length and cause. A system call
      // counts as executed, like SVC on Arm; any other cause leaves the instruction to be redone.
      retired = run.interrupt >= kCauseEcallFromU && run.interrupt <= kCauseEcallFromM;
      if (!retired) run.pc = run.current;
      if (run.interrupt == kCauseIllegalInstruction) run.reason = Reason::kInvalidInstruction;
    }
  } else if (error == UC_ERR_INSN_INVALID) {
    run.pc = seen;
    retired = run.started && seen != run.current;
    if (retired && (run.checks & kCheckWfe) != 0 && IsWfe(this, run.current)) {
      error = UC_ERR_OK;
      run.reason = Reason::kIdle;
      run.interrupt = 1;
    } else if (retired && is_arm() && IsYieldOrWfe(this, run.current)) {
      error = UC_ERR_OK;
      Retire(run);
      run.started = false;
      return seen;
    } else {
      run.reason = Reason::kInvalidInstruction;
    }
  } else if (run.faulted && IsFetch(run.fault_type) && is_arm() && !InThumbState()) {
    // A branch to an even address: M-profile has no Arm state, whether or not there is memory.
    run.reason = Reason::kInvalidInstruction;
    run.pc = seen;
  } else if (run.faulted && run.fault_type == UC_MEM_FETCH_PROT && fast_stores_ != nullptr && fast_stores_->TakeFetch(uc_, run.fault_address)) {
    // It was executable all along. The library has lost where in an IT block it was.
    if (run.it_block.Contains(seen)) WriteItState(ItStateAt(this, run, seen));
    error = UC_ERR_OK;
    return seen;
  } else if (run.faulted && IsFetch(run.fault_type) && SplitsBlock(seen)) {
    run.until = run.fault_address - 2;
    error = UC_ERR_OK;
    return seen;
  } else if (run.faulted) {
    run.reason = Reason::kMemoryFault;
    retired = run.started && IsFetch(run.fault_type);
    run.pc = retired || !run.started ? seen : run.current;
  } else if (error == UC_ERR_OK && seen == run.until) {
    run.until = kNever;
    return seen;
  } else if (error == UC_ERR_OK) {
    run.reason = Reason::kIdle;
    run.interrupt = 0;
    run.pc = seen;
  } else {
    run.pc = seen;
  }

  if (run.it_block.Contains(run.pc)) {
    LeaveItBlock(run.pc);
  } else if (run.started && !retired) {
    Count(run, run.current, -1);
  }
  // The library fetches ahead of the hook that ends the budget: that fetch belongs to the next run. Counted without the rest of an
  // IT block, which has not been executed: a run that goes on in one has to get somewhere.
  const bool fetching = run.reason == Reason::kMemoryFault && IsFetch(run.fault_type);
  if (fetching && run.executed >= run.budget) run.reason = Reason::kBudget;
  if (retired) Retire(run);
  if (run.trace != nullptr && run.started && !retired) run.traced--;
  run.started = false;
  if (run.pc != seen) WritePc(run.pc);
  return run.pc;
}

}  // namespace unicornjs
