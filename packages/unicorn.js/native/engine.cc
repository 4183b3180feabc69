#include "engine.h"

#include <algorithm>
#include <atomic>

namespace unicornjs {

namespace {

std::atomic<uint64_t> opened_engines{0};

// Default memory map of Armv7-M (ARM, B3.1): peripherals, devices and system space never execute.
bool NeverExecutes(uint64_t address) {
  const uint64_t block = address >> 29;  // blocks of 512 MiB
  return block == 2 || block == 5 || block == 6 || block == 7;
}

}  // namespace

int Engine::Open(int arch, int mode) {
  if (uc_ != nullptr) return UC_ERR_HANDLE;
  uc_engine* uc = nullptr;
  uc_err error = uc_open(static_cast<uc_arch>(arch), static_cast<uc_mode>(mode), &uc);
  if (error != UC_ERR_OK) return error;
  uc_ = uc;
  serial_ = ++opened_engines;
  arch_ = arch;
  mode_ = mode;
  return UC_ERR_OK;
}

int Engine::Close() {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  // Also reached from a finalizer when a hook ends the process: the guest is still on the stack.
  if (running_) return kErrorBusy;
  uc_err error = uc_close(uc_);
  uc_ = nullptr;
  RemoveGuard();
  for (Mapping& mapping : mappings_) mapping.memory->ReleaseMapping();
  mappings_.clear();
  ForgetWindow();
  records_.clear();
  hooks_.clear();
  if (run_.coverage != nullptr) run_.coverage->Release();
  if (run_.trace != nullptr) run_.trace->Release();
  run_ = {};
  translated_ = false;
  return error;
}

int Engine::SetCpuModel(int model) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (model < 0) return UC_ERR_ARG;
  const uc_err error = uc_ctl_set_cpu_model(uc_, model);
  if (error != UC_ERR_OK) return error;
  m_profile_ = is_arm() && model >= UC_CPU_ARM_CORTEX_M0 && model <= UC_CPU_ARM_CORTEX_M33;
  return UC_ERR_OK;
}

int Engine::Map(uint64_t address, uint64_t size, uint32_t permissions, Memory* memory,
                uint64_t offset) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  uc_err error = uc_mem_map_ptr(uc_, address, size, permissions, memory->base() + offset);
  if (error != UC_ERR_OK) return error;
  memory->RetainMapping();
  mappings_.push_back({address, address + size, memory, offset});
  return UC_ERR_OK;
}

int Engine::Unmap(uint64_t address, uint64_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  uc_err error = uc_mem_unmap(uc_, address, size);
  if (error != UC_ERR_OK) return error;
  ForgetWindow();
  const uint64_t end = address + size;
  std::vector<Mapping> kept;
  for (const Mapping& mapping : mappings_) {
    if (mapping.end <= address || mapping.begin >= end) {
      kept.push_back(mapping);
      continue;
    }
    if (mapping.begin < address) {
      mapping.memory->RetainMapping();
      kept.push_back({mapping.begin, address, mapping.memory, mapping.offset});
    }
    if (mapping.end > end) {
      mapping.memory->RetainMapping();
      kept.push_back({end, mapping.end, mapping.memory, mapping.offset + (end - mapping.begin)});
    }
    mapping.memory->ReleaseMapping();
  }
  mappings_ = std::move(kept);
  return UC_ERR_OK;
}

int Engine::Protect(uint64_t address, uint64_t size, uint32_t permissions) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  return uc_mem_protect(uc_, address, size, permissions);
}

int Engine::Read(uint64_t address, uint8_t* bytes, size_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  return uc_mem_read(uc_, address, bytes, size);
}

int Engine::Write(uint64_t address, const uint8_t* bytes, size_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  return uc_mem_write(uc_, address, bytes, size);
}

int Engine::RemoveCache(uint64_t begin, uint64_t end) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!translated_) return UC_ERR_OK;
  // Clipped to mapped memory: the library walks the range block by block.
  uc_err error = UC_ERR_OK;
  for (const Mapping& mapping : mappings_) {
    const uint64_t from = std::max(begin, mapping.begin);
    const uint64_t to = std::min(end, mapping.end);
    if (from >= to) continue;
    // No code can be there, and the library's probe would leave a prefetch abort pending.
    if (m_profile_ && NeverExecutes(from)) continue;
    uc_err one = uc_ctl_remove_cache(uc_, from, to);
    if (one != UC_ERR_OK) error = one;
  }
  return error;
}

bool Engine::FindWindow(uint64_t address) {
  for (const Mapping& mapping : mappings_) {
    const Range range{mapping.begin, mapping.end - mapping.begin};
    if (!range.Contains(address)) continue;
    window_ = {range, mapping.memory->base() + mapping.offset};
    return true;
  }
  return false;
}

}  // namespace unicornjs
