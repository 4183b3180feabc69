// Does counting by blocks do on this library what it is for?
#include <algorithm>

#include "blocks.h"
#include "engine.h"
#include "internals.h"

namespace unicornjs {
namespace {

// A loop of three rounds in two blocks, and a block whose second instruction faults: it loads from address 0.
constexpr uint64_t kBase = 0x20000000;
constexpr uint64_t kMemory = 0x1000;
struct Trial {
  const uint8_t* program;
  size_t bytes;
  uint64_t executed;
  uint64_t fault;
  uint64_t before;
};

// movs r0, #3; movs r3, #0; subs r0, #1; it ne; movne r1, #5; bne .-6; movs r4, #1; ldr r2, [r3]
constexpr uint8_t kThumb[] = {0x03, 0x20, 0x00, 0x23, 0x01, 0x38, 0x18, 0xBF, 0x05, 0x21, 0xFB, 0xD1, 0x01, 0x24, 0x1A, 0x68};
constexpr Trial kThumbTrial = {kThumb, sizeof(kThumb), 15, kBase + 14, kBase + 12};
// addi a0, zero, 3; addi a1, zero, 0; addi a0, a0, -1; bnez a0, .-4; addi a2, zero, 1; lw a3, 0(a1)
constexpr uint8_t kRiscv[] = {0x13, 0x05, 0x30, 0x00, 0x93, 0x05, 0x00, 0x00, 0x13, 0x05, 0xF5, 0xFF,
                              0xE3, 0x1E, 0x05, 0xFE, 0x13, 0x06, 0x10, 0x00, 0x83, 0xA6, 0x05, 0x00};
constexpr Trial kRiscvTrial = {kRiscv, sizeof(kRiscv), 9, kBase + 20, kBase + 16};

bool Try(int arch, int mode) {
  const bool arm = arch == UC_ARCH_ARM;
  const Trial& trial = arm ? kThumbTrial : kRiscvTrial;
  Engine engine;
  Memory* memory = Memory::Create(kMemory);
  if (memory == nullptr) return false;
  bool works = engine.Open(arch, mode) == UC_ERR_OK && (!arm || engine.SetCpuModel(UC_CPU_ARM_CORTEX_M4) == UC_ERR_OK) &&
               engine.Map(kBase, kMemory, UC_PROT_READ | UC_PROT_EXEC, memory, 0) == UC_ERR_OK;
  if (works) std::copy_n(trial.program, trial.bytes, memory->base());
  const auto runs = [&](uint64_t executed) {
    const RunState& run = engine.run();
    return engine.RunFor(kBase, 1000) == UC_ERR_OK && run.by_blocks && run.reason == Reason::kMemoryFault && run.executed == executed &&
           run.pc == trial.fault && run.retired == trial.before;
  };
  // By blocks, which the fault ends, and once more over the translations that are then there.
  works = works && runs(trial.executed) && runs(trial.executed);
  engine.Close();
  memory->Release();
  return works;
}

enum class Verdict { kNone, kTrying, kWorks, kFails };

}  // namespace

bool Blocks::Work(int arch, int mode) {
  if (!HasKnownInternals()) return false;
  static thread_local Verdict verdicts[3] = {};
  Verdict& verdict = verdicts[arch == UC_ARCH_ARM ? 0 : mode == UC_MODE_RISCV64 ? 2 : 1];
  if (verdict == Verdict::kNone) {
    verdict = Verdict::kTrying;
    verdict = Try(arch, mode) ? Verdict::kWorks : Verdict::kFails;
  }
  return verdict != Verdict::kFails;
}

}  // namespace unicornjs
