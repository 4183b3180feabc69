// Interrupts that the library takes by itself, told of. Its function that takes them is replaced by name, as those of PMP are (riscv-pmp.cc); where a build of
// it is called in another way, nobody hears of them, and nothing else is different.
#include "engine.h"
#include "internals.h"
#include "riscv.h"

#define REPLACES_LIBRARY extern "C" __attribute__((visibility("default")))

namespace unicornjs {
namespace {

using TakeInterrupt = bool (*)(void* cpu, int request);

bool Take(TakeInterrupt library, void* cpu, int request) {
  const RiscvInternals* hart = Running();
  if (hart == nullptr || !hart->IsCpu(cpu)) return library(cpu, request);
  hart->engine->CollectCounts();
  RunState& run = hart->engine->run();
  // The run ends here, and what happens next, such as a device that takes its request back, comes before the next instruction.
  if (run.executed >= run.budget) return false;
  if (!library(cpu, request)) return false;
  // The instruction before is done.
  EndInstruction(run);
  TellTrap(hart->engine);
  return true;
}

}  // namespace
}  // namespace unicornjs

REPLACES_LIBRARY bool riscv_cpu_exec_interrupt_riscv32(void* cpu, int request) {
  static const auto library = reinterpret_cast<unicornjs::TakeInterrupt>(unicornjs::Internal("riscv_cpu_exec_interrupt_riscv32"));
  return unicornjs::Take(library, cpu, request);
}

REPLACES_LIBRARY bool riscv_cpu_exec_interrupt_riscv64(void* cpu, int request) {
  static const auto library = reinterpret_cast<unicornjs::TakeInterrupt>(unicornjs::Internal("riscv_cpu_exec_interrupt_riscv64"));
  return unicornjs::Take(library, cpu, request);
}
