// Everything that an exception of Arm's M-profile looks at and changes, in one call: through single registers it would
// be thirty, and in an order that is easy to get wrong.
#include <algorithm>
#include <cstring>
#include <vector>

#include "engine.h"
#include "internals.h"

namespace unicornjs {
namespace {

// CONTROL.nPRIV.
constexpr uint32_t kUnprivileged = 1;

uint32_t Get(uc_engine* uc, int id) {
  uint64_t value = 0;
  uc_reg_read(uc, id, &value);
  return static_cast<uint32_t>(value);
}

void Set(uc_engine* uc, int id, uint32_t value) {
  uint64_t wide = value;
  uc_reg_write(uc, id, &wide);
}

// The library keeps a copy of the state that code is translated for. Of these registers only a write of the flags renews it.
void RenewState(uc_engine* uc) { Set(uc, UC_ARM_REG_APSR_NZCV, Get(uc, UC_ARM_REG_APSR_NZCV)); }

// The library's bits of features of a Cortex-M3 (`CPUARMState.features` of QEMU 5), and the one of the main extension: without it memory is
// accessed at aligned addresses only, and FAULTMASK, BASEPRI and CONTROL.nPRIV do not take writes.
constexpr uint64_t kFeaturesOfM3 = 0x500102C2E8;
constexpr uint64_t kMainExtension = uint64_t{1} << 38;

// Less than the library's state of an Arm CPU (`CPUARMState`) has.
constexpr uint32_t kBytesOfState = 0x2000;

}  // namespace

// The library's own Armv6-M core has neither MPU nor unprivileged mode. Only while the guest runs: the host reaches all registers.
int Engine::UseBaseline() {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (!m_profile_ || !HasKnownInternals()) return UC_ERR_VERSION;
  const CpuPlace place = FindRegisters(uc_, UC_ARM_REG_R0, 13, 4);
  if (place.cpu == nullptr) return UC_ERR_VERSION;
  // They are in the same structure as the registers; far behind them other CPUs' may be.
  constexpr size_t kBytes = 0x1000;
  std::vector<uint64_t> words(kBytes / sizeof(uint64_t));
  const size_t readable = CopyReadable(place.registers, words.data(), kBytes) / sizeof(uint64_t);
  const auto end = words.begin() + static_cast<ptrdiff_t>(readable);
  const auto found = std::find(words.begin(), end, kFeaturesOfM3);
  if (found == end || std::find(found + 1, end, kFeaturesOfM3) != end) return UC_ERR_VERSION;
  features_ = reinterpret_cast<uint64_t*>(place.registers) + (found - words.begin());
  return UC_ERR_OK;
}

void Engine::ShowMainExtension(bool shown) {
  if (features_ != nullptr) *features_ = shown ? kFeaturesOfM3 : kFeaturesOfM3 & ~kMainExtension;
}

int Engine::ClearExclusive(uint32_t offset) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!m_profile_) return UC_ERR_ARCH;
  if (arm_registers_ == nullptr || offset >= kBytesOfState) return UC_ERR_VERSION;
  // An address that no load has.
  constexpr uint64_t kOpen = ~uint64_t{0};
  memcpy(reinterpret_cast<uint8_t*>(const_cast<uint32_t*>(arm_registers_)) + offset, &kOpen, sizeof(kOpen));
  return UC_ERR_OK;
}

int Engine::Divide(const uint32_t* pages, size_t count) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (!m_profile_) return UC_ERR_ARCH;
  if (!HasKnownInternals()) return UC_ERR_VERSION;
  divided_pages_.assign(pages, pages + count);
  return UC_ERR_OK;
}

int Engine::ReadMProfile(uint32_t* words, bool floats) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!m_profile_) return UC_ERR_ARCH;
  for (int n = 0; n <= 12; n++) words[n] = Get(uc_, UC_ARM_REG_R0 + n);
  words[kLr] = Get(uc_, UC_ARM_REG_LR);
  words[kPc] = static_cast<uint32_t>(ReadPc());
  words[kXpsr] = Get(uc_, UC_ARM_REG_XPSR);
  words[kControl] = Get(uc_, UC_ARM_REG_CONTROL);
  // The library answers the host as it would answer the guest: unprivileged code sees zeros here.
  const bool hidden = (words[kControl] & kUnprivileged) != 0 && (words[kXpsr] & 0x1FF) == 0;
  if (hidden) Set(uc_, UC_ARM_REG_IPSR, 1);
  words[kMsp] = Get(uc_, UC_ARM_REG_MSP);
  words[kPsp] = Get(uc_, UC_ARM_REG_PSP);
  words[kPrimask] = Get(uc_, UC_ARM_REG_PRIMASK);
  words[kBasepri] = Get(uc_, UC_ARM_REG_BASEPRI);
  words[kFaultmask] = Get(uc_, UC_ARM_REG_FAULTMASK);
  if (hidden) {
    Set(uc_, UC_ARM_REG_IPSR, 0);
    RenewState(uc_);
  }
  if (!floats) return UC_ERR_OK;
  words[kFpscr] = Get(uc_, UC_ARM_REG_FPSCR);
  for (int n = 0; n < 16; n++) uc_reg_read(uc_, UC_ARM_REG_D0 + n, words + kFloats + 2 * n);
  return UC_ERR_OK;
}

int Engine::WriteMProfile(const uint32_t* words, bool floats) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (!m_profile_) return UC_ERR_ARCH;
  // To privileged Thread mode on the main stack, by way of Handler mode, whose host may write CONTROL.
  Set(uc_, UC_ARM_REG_IPSR, 1);
  Set(uc_, UC_ARM_REG_CONTROL, 0);
  Set(uc_, UC_ARM_REG_XPSR_NZCVQG, words[kXpsr] & ~0x1FFu);
  Set(uc_, UC_ARM_REG_CONTROL, 0);
  for (int n = 0; n <= 12; n++) Set(uc_, UC_ARM_REG_R0 + n, words[n]);
  Set(uc_, UC_ARM_REG_LR, words[kLr]);
  Set(uc_, UC_ARM_REG_MSP, words[kMsp]);
  Set(uc_, UC_ARM_REG_PSP, words[kPsp]);
  Set(uc_, UC_ARM_REG_PRIMASK, words[kPrimask]);
  Set(uc_, UC_ARM_REG_BASEPRI, words[kBasepri]);
  Set(uc_, UC_ARM_REG_FAULTMASK, words[kFaultmask]);
  if (floats) {
    Set(uc_, UC_ARM_REG_FPSCR, words[kFpscr]);
    for (int n = 0; n < 16; n++) uc_reg_write(uc_, UC_ARM_REG_D0 + n, words + kFloats + 2 * n);
  }
  Set(uc_, UC_ARM_REG_CONTROL, words[kControl]);
  if ((words[kXpsr] & 0x1FF) != 0) Set(uc_, UC_ARM_REG_IPSR, words[kXpsr] & 0x1FF);
  const uint32_t pc = words[kPc] | (words[kXpsr] >> 24 & 1);
  Set(uc_, UC_ARM_REG_PC, pc);
  // Writing PC takes the Thumb state from its lowest bit; flags last.
  RenewState(uc_);
  run_.left_state = 0;
  return UC_ERR_OK;
}

}  // namespace unicornjs
