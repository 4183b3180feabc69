// Does counting by blocks do on this library what it is for?
#include <algorithm>

#include "blocks.h"
#include "engine.h"
#include "internals.h"

namespace unicornjs {
namespace {

// A loop of two blocks that load words: one in front of each, and one within the second. By where the loop begins to load, one of the three comes to the end of memory.
constexpr uint64_t kBase = 0x20000000;
constexpr uint64_t kMemory = 0x1000;
constexpr uint64_t kStride = 16;
struct Trial {
  const uint8_t* program;
  size_t bytes;
  // Where it begins to load.
  int pointer;
  // Instructions of a round; where its second block begins, and the instruction behind; where the first block ends, and the second.
  uint64_t round;
  uint64_t second;
  uint64_t within;
  uint64_t jump;
  uint64_t back;
  // A budget that ends in the midst of a round, and where.
  uint64_t budget;
  uint64_t end;
};

// ldr r2, [r3]; b .+2; ldr r2, [r3, #4]; ldr r2, [r3, #8]; adds r3, #16; it ne; movne r1, #5; b .-14
constexpr uint8_t kThumb[] = {0x1A, 0x68, 0xFF, 0xE7, 0x5A, 0x68, 0x9A, 0x68, 0x10, 0x33, 0x18, 0xBF, 0x05, 0x21, 0xF7, 0xE7};
constexpr Trial kThumbTrial = {kThumb, sizeof(kThumb), UC_ARM_REG_R3, 8, kBase + 4, kBase + 6, kBase + 2, kBase + 14, 1001, kBase + 2};
// lw a3, 0(a1); j .+4; lw a3, 4(a1); lw a3, 8(a1); addi a1, a1, 16; j .-20
constexpr uint8_t kRiscv[] = {0x83, 0xA6, 0x05, 0x00, 0x6F, 0x00, 0x40, 0x00, 0x83, 0xA6, 0x45, 0x00,
                              0x83, 0xA6, 0x85, 0x00, 0x93, 0x85, 0x05, 0x01, 0x6F, 0xF0, 0xDF, 0xFE};
constexpr Trial kRiscvTrial = {kRiscv, sizeof(kRiscv), UC_RISCV_REG_A1, 6, kBase + 8, kBase + 12, kBase + 4, kBase + 20, 1001, kBase + 20};

bool Try(int arch, int mode) {
  const bool arm = arch == UC_ARCH_ARM;
  const Trial& trial = arm ? kThumbTrial : kRiscvTrial;
  Engine engine;
  Memory* memory = Memory::Create(kMemory);
  if (memory == nullptr) return false;
  bool works = engine.Open(arch, mode) == UC_ERR_OK && (!arm || engine.SetCpuModel(UC_CPU_ARM_CORTEX_M4) == UC_ERR_OK) &&
               engine.Map(kBase, kMemory, UC_PROT_READ | UC_PROT_EXEC, memory, 0) == UC_ERR_OK;
  if (works) std::copy_n(trial.program, trial.bytes, memory->base());
  const auto runs = [&](uint64_t pointer, uint64_t budget) {
    return engine.RegWrite(trial.pointer, &pointer) == UC_ERR_OK && engine.RunFor(kBase, budget) == UC_ERR_OK && engine.run().by_blocks;
  };
  const auto faults = [&](uint64_t offset, uint64_t executed, uint64_t pc, uint64_t before) {
    const RunState& run = engine.run();
    return runs(kBase + offset, 10000) && run.reason == Reason::kMemoryFault && run.executed == executed && run.pc == pc && run.retired == before;
  };
  // By blocks, which the fault ends, and once more over the translations that are then there.
  const uint64_t whole = kMemory / kStride * trial.round, last = whole - trial.round;
  for (int pass = 0; pass < 2; pass++) {
    works = works && faults(0, whole, kBase, trial.back) && faults(12, last + 2, trial.second, trial.jump) && faults(8, last + 3, trial.within, trial.second);
  }
  works = works && runs(kBase, trial.budget) && engine.run().executed == trial.budget && engine.run().pc == trial.end;
  engine.Close();
  memory->Release();
  return works;
}

enum class Verdict { kNone, kTryingAll, kTryingCalls, kAll, kCalls, kFails };

Verdict& VerdictOf(int arch, int mode) {
  static thread_local Verdict verdicts[3] = {};
  return verdicts[arch == UC_ARCH_ARM ? 0 : mode == UC_MODE_RISCV64 ? 2 : 1];
}

}  // namespace

bool Blocks::Work(int arch, int mode) {
  if (!HasKnownInternals()) return false;
  Verdict& verdict = VerdictOf(arch, mode);
  if (verdict == Verdict::kNone) {
    verdict = Verdict::kTryingAll;
    const bool all = Try(arch, mode);
    if (!all) verdict = Verdict::kTryingCalls;
    verdict = all ? Verdict::kAll : Try(arch, mode) ? Verdict::kCalls : Verdict::kFails;
  }
  return verdict != Verdict::kFails;
}

bool Blocks::MayCountThemselves(int arch, int mode) {
  const Verdict verdict = VerdictOf(arch, mode);
  return verdict == Verdict::kTryingAll || verdict == Verdict::kAll;
}

}  // namespace unicornjs
