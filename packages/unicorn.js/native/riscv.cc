#include "riscv.h"

#include <cstring>
#include <string>
#include <vector>

#include "engine.h"
#include "internals.h"

namespace unicornjs {
namespace {

// How much of the guest's state is looked through.
constexpr size_t kStateBytes = 0x600;

constexpr int kMtvec = 0x305;
constexpr int kMepc = 0x341;
constexpr int kMcause = 0x342;
constexpr int kMtval = 0x343;
constexpr int kSepc = 0x141;
constexpr int kScause = 0x142;
constexpr int kMscratch = 0x340;
constexpr int kStval = 0x143;
constexpr int kPmpcfg0 = 0x3A0;
constexpr int kPmpaddr0 = 0x3B0;
constexpr int kPmpEntries = 16;
constexpr uint64_t kMachine = 3;

// The one place of two states where a field of `width` bytes went from one value to another; 0 where it is not one.
size_t OnlyChange(const std::vector<uint8_t>& before, const std::vector<uint8_t>& after, size_t width, uint64_t from, uint64_t to) {
  size_t found = 0;
  int count = 0;
  for (size_t at = 0; at + width <= before.size(); at += width) {
    if (memcmp(&before[at], &from, width) != 0 || memcmp(&after[at], &to, width) != 0) continue;
    found = at;
    count++;
  }
  return count == 1 ? found : 0;
}

uint32_t WordAt(Engine* engine, uint64_t address) {
  uint32_t word = 0;
  for (int half = 0; half < 2; half++) {
    const uint8_t* host = engine->HostHalfword(address + 2 * half);
    if (host != nullptr) word |= static_cast<uint32_t>(host[0] | host[1] << 8) << (16 * half);
  }
  return word;
}

}  // namespace

bool RiscvInternals::Bind(bool wide) {
  wide_ = wide;
  const auto named = [wide](const char* name) { return Internal((std::string(name) + (wide ? "_riscv64" : "_riscv32")).c_str()); };
  csrrw_ = named("riscv_csrrw_debug");
  set_mode_ = named("riscv_cpu_set_mode");
  update_mip_ = reinterpret_cast<uint32_t (*)(void*, uint32_t, uint32_t)>(named("riscv_cpu_update_mip"));
  do_interrupt_ = reinterpret_cast<void (*)(void*)>(named("riscv_cpu_do_interrupt"));
  flush_ = reinterpret_cast<void (*)(void*)>(named("tlb_flush"));
  return csrrw_ != nullptr && set_mode_ != nullptr && update_mip_ != nullptr && do_interrupt_ != nullptr && flush_ != nullptr;
}

// Finds the CPU object and its fields by what public writes change in them. Registers keep their values.
bool RiscvInternals::Locate(uc_engine* uc) {
  const size_t width = wide_ ? 8 : 4;
  const auto [cpu, registers] = FindRegisters(uc, UC_RISCV_REG_X1, 31, width);
  if (registers == nullptr) return false;
  cpu_ = cpu;
  // The registers, x0 first, are the first of the guest's state.
  env_ = registers - width;
  std::vector<uint8_t> before(kStateBytes), after(kStateBytes);
  const auto copy = [&](std::vector<uint8_t>& to) { return CopyReadable(env_, to.data(), to.size()) == to.size(); };
  const auto write_pc = [&](uint64_t pc) { uc_reg_write(uc, UC_RISCV_REG_PC, &pc); };
  const auto changes = [&](uint64_t from, uint64_t to, auto change) {
    change(from);
    const bool first = copy(before);
    change(to);
    return first && copy(after) ? OnlyChange(before, after, width, from, to) : 0;
  };
  uint64_t kept = 0;
  uc_reg_read(uc, UC_RISCV_REG_PC, &kept);
  pc_offset_ = changes(0x5A5A1230, 0x5A5A4560, write_pc);
  mode_offset_ = changes(1, kMachine, [&](uint64_t mode) { SetMode(mode); });
  write_pc(kept);
  return pc_offset_ != 0 && mode_offset_ != 0;
}

uint64_t* FindDoubles(uc_engine* uc, bool wide) {
  constexpr int kRegisters = 32;
  const size_t width = wide ? 8 : 4;
  if (!HasKnownInternals()) return nullptr;
  const CpuPlace place = FindRegisters(uc, UC_RISCV_REG_X1, 31, width);
  if (place.registers == nullptr) return nullptr;
  // They follow x0 to x31. What the public interface says of each must be its lower half, and so must what it writes.
  auto* doubles = reinterpret_cast<uint64_t*>(place.registers + 31 * width);
  for (int n = 0; n < kRegisters; n++) {
    const uint64_t kept = doubles[n], probe = 0x13572468u + n;
    uint64_t low = 0;
    uc_reg_read(uc, UC_RISCV_REG_F0 + n, &low);
    uc_reg_write(uc, UC_RISCV_REG_F0 + n, &probe);
    const bool is_it = static_cast<uint32_t>(low) == static_cast<uint32_t>(kept) && doubles[n] == probe;
    // Where it is another field, the write above changed the register.
    if (!is_it) uc_reg_write(uc, UC_RISCV_REG_F0 + n, &low);
    if (!is_it) return nullptr;
    doubles[n] = kept;
  }
  return doubles;
}

std::unique_ptr<RiscvInternals> RiscvInternals::Find(uc_engine* uc, bool wide) {
  if (!HasKnownInternals()) return nullptr;
  std::unique_ptr<RiscvInternals> internals(new RiscvInternals());
  if (!internals->Bind(wide) || !internals->Locate(uc)) return nullptr;
  // What was found must do what it is for: a CSR is the one that the public interface knows.
  uint64_t kept = 0, seen = 0;
  const uint64_t probe = 0x13572468;
  const bool works = internals->Mode() == kMachine && internals->ReadCsr(kMscratch, &kept) && internals->WriteCsr(kMscratch, probe) &&
                     uc_reg_read(uc, UC_RISCV_REG_MSCRATCH, &seen) == UC_ERR_OK && seen == probe && internals->WriteCsr(kMscratch, kept);
  if (!works) return nullptr;
  internals->FlushTlb();
  return internals;
}

bool RiscvInternals::ReadCsr(int number, uint64_t* value) const {
  *value = 0;
  if (wide_) return reinterpret_cast<int (*)(void*, int, uint64_t*, uint64_t, uint64_t)>(csrrw_)(env_, number, value, 0, 0) >= 0;
  uint32_t word = 0;
  const int result = reinterpret_cast<int (*)(void*, int, uint32_t*, uint32_t, uint32_t)>(csrrw_)(env_, number, &word, 0, 0);
  *value = word;
  return result >= 0;
}

bool RiscvInternals::WriteCsr(int number, uint64_t value) const {
  if (wide_) {
    uint64_t old = 0;
    return reinterpret_cast<int (*)(void*, int, uint64_t*, uint64_t, uint64_t)>(csrrw_)(env_, number, &old, value, UINT64_MAX) >= 0;
  }
  uint32_t old = 0;
  return reinterpret_cast<int (*)(void*, int, uint32_t*, uint32_t, uint32_t)>(csrrw_)(env_, number, &old, static_cast<uint32_t>(value), UINT32_MAX) >= 0;
}

uint64_t RiscvInternals::Field(size_t offset) const {
  uint64_t value = 0;
  memcpy(&value, env_ + offset, wide_ ? 8 : 4);
  return value;
}

uint64_t RiscvInternals::Mode() const { return Field(mode_offset_); }
uint64_t RiscvInternals::Pc() const { return Field(pc_offset_); }

void RiscvInternals::SetMode(uint64_t mode) const {
  if (wide_) {
    reinterpret_cast<void (*)(void*, uint64_t)>(set_mode_)(env_, mode);
  } else {
    reinterpret_cast<void (*)(void*, uint32_t)>(set_mode_)(env_, static_cast<uint32_t>(mode));
  }
}

void RiscvInternals::SetPending(uint32_t mask, uint32_t value) const { update_mip_(cpu_, mask, value); }

void RiscvInternals::FlushTlb() {
  flush_(cpu_);
  ReadProtection();
}

// Privileged architecture, 3.7.1: configurations lie four, or eight, to a register; addresses are in words.
void RiscvInternals::ReadProtection() {
  protected_.clear();
  const int each = wide_ ? 8 : 4;
  uint64_t before = 0;
  for (int entry = 0; entry < kPmpEntries; entry++) {
    uint64_t configurations = 0, words = 0;
    if (!ReadCsr(kPmpcfg0 + entry / each * (each / 4), &configurations) || !ReadCsr(kPmpaddr0 + entry, &words)) continue;
    const uint64_t ones = words ^ (words + 1);
    const int configuration = configurations >> (8 * (entry % each)) & 0xff;
    switch (configuration >> 3 & 3) {
      case 1:
        if (words > before) protected_.push_back({before << 2, (words << 2) - 1, configuration});
        break;
      case 2:
        protected_.push_back({words << 2, (words << 2) + 3, configuration});
        break;
      case 3:
        protected_.push_back({(words & ~ones) << 2, (words | ones) << 2 | 3, configuration});
        break;
    }
    before = words;
  }
}

// Privileged architecture, 3.7.1: the first entry that matches a byte of the access decides, and has to match all of them.
bool RiscvInternals::Allows(uint64_t address, uint64_t size, int rights, bool machine) const {
  constexpr int kLocked = 0x80;
  const uint64_t end = address + size - 1;
  for (const auto& [first, last, configuration] : protected_) {
    if (last < address || first > end) continue;
    if (first > address || last < end) return false;
    return (machine && (configuration & kLocked) == 0) || (configuration & rights) == rights;
  }
  return machine;
}

bool RiscvInternals::IsDivided(uint64_t page) const {
  constexpr uint64_t kInPage = 4095;
  for (const auto& [first, last, configuration] : protected_) {
    if ((first & ~kInPage) == page && (first & kInPage) != 0) return true;
    if ((last & ~kInPage) == page && (last & kInPage) != kInPage) return true;
  }
  return false;
}

void RiscvInternals::Enter(uint64_t pc) const {
  memcpy(env_ + pc_offset_, &pc, wide_ ? 8 : 4);
  do_interrupt_(cpu_);
}

uint64_t* Engine::Doubles() {
  if (doubles_ == nullptr) doubles_ = FindDoubles(uc_, mode_ == UC_MODE_RISCV64);
  return doubles_;
}

int Engine::UseInternals(uint32_t entered) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (arch_ != UC_ARCH_RISCV) return UC_ERR_ARCH;
  if (riscv_ == nullptr) riscv_ = RiscvInternals::Find(uc_, mode_ == UC_MODE_RISCV64);
  if (riscv_ == nullptr) return UC_ERR_VERSION;
  riscv_->entered = entered;
  riscv_->engine = this;
  return UC_ERR_OK;
}

bool EnterTrap(Engine* engine, RunState& run, uint32_t cause) {
  const RiscvInternals* cpu = engine->riscv();
  if (cpu == nullptr || cause >= 32 || (cpu->entered >> cause & 1) == 0) return false;
  const bool fetch = cause == kCauseFetchAccess || cause == kCauseFetchPage;
  if (!fetch && !run.started) return false;
  // The library leaves PC behind the instruction, as if it had four bytes.
  const uint64_t pc = fetch ? cpu->Pc() - 4 : run.current;
  // A handler that traps at its first instruction does so for ever: the caller's business.
  uint64_t handler = 0;
  if (!cpu->ReadCsr(kMtvec, &handler) || pc == (handler & ~uint64_t{3})) return false;
  if (fetch && run.executed >= run.budget) return false;
  // A trap takes a cycle, like the instruction that it keeps from being executed. A fetch has not been counted yet.
  if (fetch) run.executed++;
  run.entered++;
  const uint32_t word = cause == kCauseIllegalInstruction ? WordAt(engine, pc) : 0;
  cpu->Enter(pc);
  // The library does not know the instruction. Those of two bytes have other lowest bits than 11.
  if (cause == kCauseIllegalInstruction) cpu->WriteCsr(cpu->Mode() == kMachine ? kMtval : kStval, (word & 3) == 3 ? word : word & 0xFFFF);
  TellTrap(engine);
  return true;
}

void TellTrap(Engine* engine) {
  const RiscvInternals* cpu = engine->riscv();
  if (cpu->listener == 0) return;
  const bool machine = cpu->Mode() == kMachine;
  uint64_t cause = 0, pc = 0;
  cpu->ReadCsr(machine ? kMcause : kScause, &cause);
  cpu->ReadCsr(machine ? kMepc : kSepc, &pc);
  const int top = cpu->wide() ? 63 : 31;
  const bool interrupt = (cause >> top & 1) != 0;
  const uint64_t code = cause & ~(uint64_t{1} << top), executed = engine->run().executed;
  const uint64_t bit = interrupt ? RiscvInternals::kInterruptBit : code;
  const bool later = bit < 32 && (cpu->logged >> bit & 1) != 0;
  if (later && engine->trap_log().Add(interrupt, code, pc, executed)) return;
  const uint64_t values[] = {interrupt, code, pc, executed};
  engine->Dispatch(cpu->listener, values, 4, nullptr);
}

namespace {

// Of the compressed instructions that are suspect: is the register one of floating point?
bool IsFloatAccess(const uint8_t* host, bool wide) {
  const bool is_double = (host[1] & 0x40) == 0;
  return is_double || !wide;
}

bool HasFloats(const RiscvInternals& hart) {
  constexpr int kStatus = 0x300, kIsa = 0x301;
  uint64_t status, isa;
  return !hart.ReadCsr(kStatus, &status) || !hart.ReadCsr(kIsa, &isa) || ((status & 0x6000) != 0 && (isa & 1 << ('F' - 'A')) != 0);
}

}  // namespace

bool IsWatched(Engine* engine, const RunState& run, uint64_t address) {
  const uint8_t* host = engine->HostHalfword(address);
  if (host == nullptr || !IsSuspect(host)) return false;
  if ((host[0] & 3) != 3) {
    const RiscvInternals* hart = engine->riscv();
    return hart != nullptr && IsFloatAccess(host, hart->wide()) && !HasFloats(*hart);
  }
  const uint32_t word = WordAt(engine, address);
  const size_t others = (word >> 12 & 7) == 0 ? kWatchedInstructions / 2 : 0;
  return (*run.watched)[others + (word >> 20)] != 0;
}

}  // namespace unicornjs
