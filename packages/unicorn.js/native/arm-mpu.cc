// Where an address lies in a subregion that is disabled, the library asks the next region, and enters the whole page with its rights, though
// another subregion has others: the first access to a page would decide about all of it. The function that enters pages is replaced here, as those
// of RISC-V are (riscv-pmp.cc): entries for less than a page are asked about at every access.
#include "arm-mpu.h"

#include <algorithm>

#include "internals.h"

namespace unicornjs {
namespace {

thread_local const std::vector<uint32_t>* running = nullptr;

using SetPage = void (*)(void* cpu, uint32_t address, uint64_t physical, uint32_t attributes, int rights, int index, uint32_t size);

bool IsDivided(uint32_t address) {
  return running != nullptr && std::find(running->begin(), running->end(), address & ~(kArmPageBytes - 1)) != running->end();
}

}  // namespace

RunningProtection::RunningProtection(const std::vector<uint32_t>* divided) : outer_(running) { running = divided->empty() ? nullptr : divided; }
RunningProtection::~RunningProtection() { running = outer_; }

}  // namespace unicornjs

// `attributes` is a structure of 32 bits.
extern "C" __attribute__((visibility("default"))) void tlb_set_page_with_attrs_arm(void* cpu, uint32_t address, uint64_t physical, uint32_t attributes,
                                                                                  int rights, int index, uint32_t size) {
  static const auto library = reinterpret_cast<unicornjs::SetPage>(unicornjs::Internal("tlb_set_page_with_attrs_arm"));
  library(cpu, address, physical, attributes, rights, index, unicornjs::IsDivided(address) ? 1 : size);
}
