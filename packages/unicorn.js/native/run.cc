// Execution: plain emu_start, and runs of an exact number of instructions.
#include "run.h"

#include "engine.h"

namespace unicornjs {
namespace {

// `until` of a run: an address that no 32-bit guest reaches.
constexpr uint64_t kNever = UINT64_MAX - 1;

// RISC-V privileged specification, table of mcause values.
constexpr uint32_t kCauseIllegalInstruction = 2;
constexpr uint32_t kCauseEcallFromU = 8;
constexpr uint32_t kCauseEcallFromM = 11;

bool IsWide(uint16_t halfword) { return (halfword & 0xF800) >= 0xE800; }

uint16_t HalfwordAt(Engine* engine, uint64_t address) {
  const uint8_t* host = engine->HostHalfword(address);
  return host == nullptr ? 0 : static_cast<uint16_t>(host[0] | host[1] << 8);
}

// Instructions that an IT instruction makes conditional: 1 to 4, or 0 for any other instruction
// (Armv7-M ARM, A7.7.38: the lowest set bit of the mask ends the block; mask 0 is a hint).
int ItLength(uint16_t halfword) {
  if ((halfword & 0xFF00) != 0xBF00 || (halfword & 0xF) == 0) return 0;
  return 4 - __builtin_ctz(halfword & 0xF);
}

// YIELD and WFE are hints: the library stops at them as at an invalid instruction, with PC behind.
bool IsYieldOrWfe(Engine* engine, uint64_t address) {
  const uint16_t first = HalfwordAt(engine, address);
  if (first == 0xBF10 || first == 0xBF20) return true;
  const uint16_t second = HalfwordAt(engine, address + 2);
  return first == 0xF3AF && (second == 0x8001 || second == 0x8002);
}

void Cover(RunState& run, uint64_t address) {
  if (!run.covered.Contains(address)) return;
  const uint64_t bit = (address - run.covered.begin) >> 1;
  run.coverage->base()[bit >> 3] |= static_cast<uint8_t>(1 << (bit & 7));
}

// Adds `weight` instructions of the unit that begins at `address`, or takes them back.
void Count(RunState& run, uint64_t address, int64_t weight) {
  run.executed += weight;
  if (run.counted.Contains(address)) run.in_range += weight;
}

void Begin(RunState& run, uint64_t address) {
  if (run.started) run.retired = run.current;
  run.current = address;
  run.started = true;
  Cover(run, address);
}

// Instructions of the current IT block at `address` and behind.
int ItRemaining(Engine* engine, const RunState& run, uint64_t address) {
  int remaining = 0;
  uint64_t at = run.it_begin + 2;
  while (at < run.it_end) {
    if (at >= address) remaining++;
    at += IsWide(HalfwordAt(engine, at)) ? 4 : 2;
  }
  return remaining;
}

void StopAt(RunState& run, uc_engine* uc, uint64_t address, Reason reason) {
  run.reason = reason;
  run.pc = address;
  uc_emu_stop(uc);
}

void OnRunCode(uc_engine* uc, uint64_t address, uint32_t size, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  if (!run.active || run.reason != Reason::kNone) return;
  // The library cannot stop inside an IT block, so a block is one unit, counted at its IT.
  if (address > run.it_begin && address < run.it_end) {
    Begin(run, address);
    return;
  }
  run.it_end = 0;
  if (engine->failed() || run.stop_requested) return StopAt(run, uc, address, Reason::kStopped);
  if (run.executed >= run.budget) return StopAt(run, uc, address, Reason::kBudget);
  Begin(run, address);
  int weight = 1;
  if (size == 2) {
    const int length = engine->is_arm() ? ItLength(HalfwordAt(engine, address)) : 0;
    if (length > 0) {
      weight += length;
      run.it_begin = address;
      run.it_end = address + 2;
      for (int slot = 0; slot < length; slot++) {
        run.it_end += IsWide(HalfwordAt(engine, run.it_end)) ? 4 : 2;
      }
    }
  }
  Count(run, address, weight);
}

void OnRunInterrupt(uc_engine* uc, uint32_t number, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  run.interrupted = true;
  run.interrupt = number;
  if (run.active || !engine->HasHook(UC_HOOK_INTR)) uc_emu_stop(uc);
}

bool OnRunFault(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t, void* user) {
  auto* engine = static_cast<Engine*>(user);
  if (engine->muted()) return false;
  RunState& run = engine->run();
  run.fault_type = type;
  run.fault_address = address;
  run.fault_size = size;
  return false;
}

bool IsMemoryError(uc_err error) {
  switch (error) {
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_WRITE_UNMAPPED:
    case UC_ERR_FETCH_UNMAPPED:
    case UC_ERR_READ_PROT:
    case UC_ERR_WRITE_PROT:
    case UC_ERR_FETCH_PROT:
      return true;
    default:
      return false;
  }
}

bool IsFetchError(uc_err error) {
  return error == UC_ERR_FETCH_UNMAPPED || error == UC_ERR_FETCH_PROT;
}

}  // namespace

int Engine::InstallRunHooks() {
  if (run_.installed) return UC_ERR_OK;
  uc_hook handle;
  auto add = [&](int type, void* callback) {
    return uc_hook_add(uc_, &handle, type, callback, this, uint64_t{1}, uint64_t{0});
  };
  uc_err error = add(UC_HOOK_CODE, reinterpret_cast<void*>(OnRunCode));
  if (error == UC_ERR_OK) error = add(UC_HOOK_INTR, reinterpret_cast<void*>(OnRunInterrupt));
  if (error == UC_ERR_OK) error = add(UC_HOOK_MEM_INVALID, reinterpret_cast<void*>(OnRunFault));
  if (error != UC_ERR_OK) return error;
  run_.installed = true;
  return RemoveCache(0, UINT64_MAX);
}

uint64_t Engine::ReadPc() const {
  uint64_t pc = 0;
  uc_reg_read(uc_, is_arm() ? int{UC_ARM_REG_PC} : int{UC_RISCV_REG_PC}, &pc);
  return is_arm() ? pc & 0xFFFFFFFE : pc & 0xFFFFFFFF;
}

void Engine::WritePc(uint64_t pc) {
  const uint64_t value = is_arm() ? pc | 1 : pc;
  uc_reg_write(uc_, is_arm() ? int{UC_ARM_REG_PC} : int{UC_RISCV_REG_PC}, &value);
}

int Engine::Start(uint64_t begin, uint64_t until, uint64_t timeout, uint64_t count) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  running_ = true;
  translated_ = true;
  run_.interrupted = false;
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
  } else if (uc_ != nullptr) {
    uc_emu_stop(uc_);
  }
}

int Engine::RunFor(uint64_t pc, uint64_t budget) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  if (!is_arm() && !(arch_ == UC_ARCH_RISCV && mode_ == UC_MODE_RISCV32)) return UC_ERR_ARCH;
  const int installed = InstallRunHooks();
  if (installed != UC_ERR_OK) return installed;

  if (is_arm()) pc &= ~uint64_t{1};
  run_.budget = budget;
  run_.executed = 0;
  run_.in_range = 0;
  if (budget == 0) {
    run_.reason = Reason::kBudget;
    run_.pc = pc;
    WritePc(pc);
    return UC_ERR_OK;
  }
  run_.started = false;
  run_.stop_requested = false;
  if (pc != run_.resume_pc) {
    run_.it_end = 0;
  } else if (run_.it_end != 0) {
    Count(run_, run_.it_begin, ItRemaining(this, run_, pc));
  }
  run_.resume_pc = UINT64_MAX;

  running_ = true;
  translated_ = true;
  run_.active = true;
  uc_err error;
  do {
    run_.reason = Reason::kNone;
    run_.interrupted = false;
    error = uc_emu_start(uc_, is_arm() ? pc | 1 : pc, kNever, 0, 0);
    pc = FinishRun(error);
  } while (run_.reason == Reason::kNone && error == UC_ERR_OK);
  run_.active = false;
  running_ = false;
  return run_.reason == Reason::kNone ? error : UC_ERR_OK;
}

// Classifies why the library returned and settles PC and counts. Returns PC; a reason of kNone
// with no error asks for another round, behind a hint.
uint64_t Engine::FinishRun(uc_err& error) {
  RunState& run = run_;
  const uint64_t seen = ReadPc();
  bool retired = run.started;
  if (run.reason != Reason::kNone) {
    error = UC_ERR_OK;
  } else if (run.interrupted) {
    run.reason = Reason::kException;
    run.pc = seen;
    if (is_arm()) {
      retired = run.started && seen != run.current;
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
    if (retired && is_arm() && IsYieldOrWfe(this, run.current)) {
      error = UC_ERR_OK;
      return seen;
    }
    run.reason = Reason::kInvalidInstruction;
  } else if (IsMemoryError(error)) {
    run.reason = Reason::kMemoryFault;
    retired = run.started && IsFetchError(error);
    run.pc = retired || !run.started ? seen : run.current;
  } else if (error == UC_ERR_OK) {
    run.reason = Reason::kIdle;
    run.pc = seen;
  } else {
    run.pc = seen;
  }

  const bool in_block = run.it_end != 0 && run.pc > run.it_begin && run.pc < run.it_end;
  if (in_block) {
    Count(run, run.it_begin, -ItRemaining(this, run, run.pc));
    run.resume_pc = run.pc;
  } else if (run.started && !retired) {
    Count(run, run.current, -1);
  }
  if (retired) run.retired = run.current;
  run.started = false;
  if (run.pc != seen) WritePc(run.pc);
  return run.pc;
}

}  // namespace unicornjs
