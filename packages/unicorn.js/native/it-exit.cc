#include "it-exit.h"

#include <cstdint>
#include <cstdlib>

#include "internals.h"

namespace unicornjs {
namespace {

using LoopExit = void (*)(void*);

LoopExit Function() {
  static const auto found = reinterpret_cast<LoopExit>(Internal("cpu_loop_exit_arm"));
  return found;
}

constexpr uint64_t kBase = 0x20000000;
// movs r1, #0; itt eq; addeq r1, #1; addeq r2, #1: left in front of the last one.
constexpr uint8_t kProgram[] = {0x00, 0x21, 0x04, 0xBF, 0x01, 0x31, 0x01, 0x32};
constexpr uint64_t kLast = kBase + 6;

void OnTried(uc_engine* uc, uint64_t address, uint32_t, void* cpu) {
  if (address == kLast) ItExit::Leave(uc, cpu);
}

bool Try() {
  if (!HasKnownInternals() || Function() == nullptr) return false;
  uc_engine* uc = nullptr;
  if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc) != UC_ERR_OK) return false;
  bool works = false;
  uc_hook hook;
  if (uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M3) == UC_ERR_OK && uc_mem_map(uc, kBase, 0x1000, UC_PROT_ALL) == UC_ERR_OK) {
    void* cpu = FindRegisters(uc, UC_ARM_REG_R0, 13, 4).cpu;
    uint32_t zero = 0, first = 0, second = 0, pc = 0;
    uc_reg_write(uc, UC_ARM_REG_R1, &zero);
    uc_reg_write(uc, UC_ARM_REG_R2, &zero);
    works = cpu != nullptr && uc_mem_write(uc, kBase, kProgram, sizeof(kProgram)) == UC_ERR_OK &&
            uc_hook_add(uc, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(OnTried), cpu, uint64_t{1}, uint64_t{0}) == UC_ERR_OK &&
            uc_emu_start(uc, kBase | 1, kBase + sizeof(kProgram), 0, 0) == UC_ERR_OK;
    uc_reg_read(uc, UC_ARM_REG_R1, &first);
    uc_reg_read(uc, UC_ARM_REG_R2, &second);
    uc_reg_read(uc, UC_ARM_REG_PC, &pc);
    works = works && first == 1 && second == 0 && (pc & ~1u) == kLast;
  }
  uc_close(uc);
  return works;
}

}  // namespace

bool ItExit::Works() {
  static const bool works = Try();
  return works;
}

void ItExit::Leave(uc_engine* uc, void* cpu) {
  uc_emu_stop(uc);
  Function()(cpu);
  abort();
}

}  // namespace unicornjs
