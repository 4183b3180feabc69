// What traps of RISC-V need of the library beyond its public interface: CSRs and privilege in any mode, interrupt lines, and the
// library's own trap entry.
#pragma once
#include <unicorn/unicorn.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace unicornjs {

class Engine;
struct RunState;

// RISC-V privileged specification, table of mcause values.
constexpr uint32_t kCauseFetchAccess = 1;
constexpr uint32_t kCauseIllegalInstruction = 2;
constexpr uint32_t kCauseEcallFromU = 8;
constexpr uint32_t kCauseEcallFromM = 11;
constexpr uint32_t kCauseFetchPage = 12;

// What a run stops at: a byte for every value of the upper 12 bits of SYSTEM instructions, those of CSR accesses first, then the others.
constexpr size_t kWatchedInstructions = 8192;

// Functions and fields that the library does not document. They are looked for by name and by what they do, on the engine that is to
// use them; where one is missing, or behaves in another way, there are no internals.
class RiscvInternals {
 public:
  static std::unique_ptr<RiscvInternals> Find(uc_engine* uc, bool wide);

  // False: there is no such CSR.
  bool ReadCsr(int number, uint64_t* value) const;
  bool WriteCsr(int number, uint64_t value) const;
  uint64_t Mode() const;
  void SetMode(uint64_t mode) const;
  // Bits of mip that devices drive. Taken before the next instruction that may be interrupted.
  void SetPending(uint32_t mask, uint32_t value) const;
  // Also after changes of PMP.
  void FlushTlb();
  uint64_t Pc() const;
  bool wide() const { return wide_; }
  // Is there an entry of PMP that is not off?
  bool protects() const { return !protected_.empty(); }
  // Has a mode these rights (1 read, 2 write, 4 execute) to all of these bytes, as PMP decides?
  bool Allows(uint64_t address, uint64_t size, int rights, bool machine) const;
  // Does an entry begin or end inside of the page?
  bool IsDivided(uint64_t page) const;
  void* env() const { return env_; }
  bool Owns(const void* env) const { return env == env_; }
  bool IsCpu(const void* cpu) const { return cpu == cpu_; }
  // In an interrupt hook: enters the trap whose instruction is at `pc`.
  void Enter(uint64_t pc) const;

  // Causes that runs enter traps for, by bit; others stop them.
  uint32_t entered = 0;
  // Who is told of interrupts and traps that runs take by themselves (Engine::Dispatch); 0: nobody.
  uint32_t listener = 0;
  // Of which traps it is told later (TrapLog): bit n stands for the exception n, the highest one for interrupts.
  uint32_t logged = 0;
  static constexpr int kInterruptBit = 31;
  Engine* engine = nullptr;

 private:
  RiscvInternals() = default;
  bool Bind(bool wide);
  bool Locate(uc_engine* uc);
  uint64_t Field(size_t offset) const;
  void ReadProtection();

  bool wide_ = false;
  // An entry of PMP that is not off: the first and the last address that it is about, and its configuration.
  struct Protection {
    uint64_t first;
    uint64_t last;
    int configuration;
  };
  std::vector<Protection> protected_;
  uint8_t* cpu_ = nullptr;
  uint8_t* env_ = nullptr;
  size_t mode_offset_ = 0;
  size_t pc_offset_ = 0;
  void* csrrw_ = nullptr;
  void* set_mode_ = nullptr;
  uint32_t (*update_mip_)(void*, uint32_t, uint32_t) = nullptr;
  void (*do_interrupt_)(void*) = nullptr;
  void (*flush_)(void*) = nullptr;
};

// The 32 floating-point registers as the CPU has them, 64 bits each: the public interface reads the lower half, and clears the upper
// one as it writes. Null where they are not found.
uint64_t* FindDoubles(uc_engine* uc, bool wide);

// For as long as it lives, `hart` is the one that runs on this thread (riscv-pmp.cc); null: none whose internals are used.
class RunningHart {
 public:
  explicit RunningHart(const RiscvInternals* hart);
  ~RunningHart();
  RunningHart(const RunningHart&) = delete;
  RunningHart& operator=(const RunningHart&) = delete;

 private:
  const RiscvInternals* outer_;
};

// The hart that runs on this thread; null: none that uses internals.
const RiscvInternals* Running();

// In an interrupt hook of a run: enters the trap. False where the run is to stop instead.
bool EnterTrap(Engine* engine, RunState& run, uint32_t cause);

// Tells the listener of the trap that has just been entered, or writes it down for it: what trap-log.h says of a trap.
void TellTrap(Engine* engine);

// May it be one that the run is to stop at: has it the major opcode SYSTEM, or is it C.FLD, C.FSD, C.FLW, C.FSW, or one of theirs by SP? On RV64
// the last two are those of integers.
inline bool IsSuspect(const uint8_t* host) { return (host[0] & 0x7F) == 0x73 || ((host[0] & 1) == 0 && (host[1] & 0x20) != 0); }

// Is the run to stop at the instruction at `address`? A SYSTEM instruction that is watched, or a compressed load or store of floating point
// where that is off, or not there, which the library passes over in silence.
bool IsWatched(Engine* engine, const RunState& run, uint64_t address);

}  // namespace unicornjs
