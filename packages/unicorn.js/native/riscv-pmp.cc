// Physical memory protection, exact. The library asks for the rights of an access when it enters a page into its TLB, and from then on lets
// every access to the page through; it lets less privileged modes do everything while no entry is in use; and it cuts the size of regions of
// 4 GiB and more to 32 bits on RV32. The two functions in which it does so are replaced here, for runs of engines that use its internals. It calls them by name, and names are looked for in the object
// that loaded the library first. Where a build of it calls them in another way, protection is as exact as the library's.
#include <cstdint>

#include "internals.h"
#include "riscv.h"

#define REPLACES_LIBRARY extern "C" __attribute__((visibility("default")))

namespace unicornjs {
namespace {

constexpr int kExecute = 4;
constexpr uint64_t kMachine = 3;
constexpr uint64_t kPageBytes = 4096;

// The hart that runs on this thread; null: none that uses internals.
thread_local const RiscvInternals* running = nullptr;

// The access that the library asked for last: it enters its page next.
struct Access {
  int rights;
  uint64_t mode;
};
thread_local Access asked = {0, kMachine};

template <typename Address>
using HasRights = bool (*)(void* env, Address address, Address size, int rights, Address mode);
template <typename Address>
using SetPage = void (*)(void* cpu, Address address, uint64_t physical, int rights, int index, Address size);

template <typename Address>
bool Ask(HasRights<Address> library, void* env, Address address, Address size, int rights, Address mode) {
  if (running == nullptr || !running->Owns(env)) return library(env, address, size, rights, mode);
  asked = {rights, mode};
  // The library asks for no byte of an instruction, and would find that partly outside.
  if (size == 0) size = 2;
  return running->Allows(address, size, rights, mode == kMachine);
}

template <typename Address>
void Enter(SetPage<Address> library, void* cpu, Address address, uint64_t physical, int rights, int index, Address size) {
  if (running == nullptr || !running->IsCpu(cpu) || !running->protects()) return library(cpu, address, physical, rights, index, size);
  const uint64_t page = physical & ~(kPageBytes - 1);
  if (running->IsDivided(page)) {
    // Entries for less than a page are asked about at every access; instructions are fetched by pages.
    if (asked.rights == kExecute) return library(cpu, address, physical, rights & kExecute, index, size);
    return library(cpu, address, physical, rights & ~kExecute, index, 1);
  }
  int whole = 0;
  for (int right = 1; right <= kExecute; right <<= 1) {
    if (running->Allows(page, kPageBytes, right, asked.mode == kMachine)) whole |= right;
  }
  library(cpu, address, physical, rights & whole, index, size);
}

}  // namespace

RunningHart::RunningHart(const RiscvInternals* hart) : outer_(running) { running = hart; }
RunningHart::~RunningHart() { running = outer_; }
const RiscvInternals* Running() { return running; }

}  // namespace unicornjs

REPLACES_LIBRARY bool pmp_hart_has_privs_riscv32(void* env, uint32_t address, uint32_t size, int rights, uint32_t mode) {
  static const auto library = reinterpret_cast<unicornjs::HasRights<uint32_t>>(unicornjs::Internal("pmp_hart_has_privs_riscv32"));
  return unicornjs::Ask<uint32_t>(library, env, address, size, rights, mode);
}

REPLACES_LIBRARY bool pmp_hart_has_privs_riscv64(void* env, uint64_t address, uint64_t size, int rights, uint64_t mode) {
  static const auto library = reinterpret_cast<unicornjs::HasRights<uint64_t>>(unicornjs::Internal("pmp_hart_has_privs_riscv64"));
  return unicornjs::Ask<uint64_t>(library, env, address, size, rights, mode);
}

REPLACES_LIBRARY void tlb_set_page_riscv32(void* cpu, uint32_t address, uint64_t physical, int rights, int index, uint32_t size) {
  static const auto library = reinterpret_cast<unicornjs::SetPage<uint32_t>>(unicornjs::Internal("tlb_set_page_riscv32"));
  unicornjs::Enter<uint32_t>(library, cpu, address, physical, rights, index, size);
}

REPLACES_LIBRARY void tlb_set_page_riscv64(void* cpu, uint64_t address, uint64_t physical, int rights, int index, uint64_t size) {
  static const auto library = reinterpret_cast<unicornjs::SetPage<uint64_t>>(unicornjs::Internal("tlb_set_page_riscv64"));
  unicornjs::Enter<uint64_t>(library, cpu, address, physical, rights, index, size);
}
