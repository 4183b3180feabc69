// Methods of uc_ctl: one for each control that the library has.
#include <cstring>
#include <vector>

#include "methods.h"

namespace unicornjs {
namespace {

// Hands a control's value back as a 64-bit integer.
template <typename T>
napi_value Result(const Arguments& in, EngineHandle& handle, uc_err error, T result) {
  const uint64_t value = static_cast<uint64_t>(result);
  memcpy(handle.scratch, &value, sizeof(value));
  return Code(in.env(), error);
}

}  // namespace

// Those that are read as one number.
napi_value CtlRead(const Arguments& in, EngineHandle& handle) {
  int control = 0;
  if (!in.Integer(0, "control", &control)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  uc_engine* uc = handle.engine.uc();
  int number = 0;
  uint32_t page_size = 0;
  uint64_t timeout = 0;
  size_t count = 0;
  uc_err error = UC_ERR_ARG;
  switch (control) {
    case UC_CTL_UC_MODE:
      error = uc_ctl_get_mode(uc, &number);
      return Result(in, handle, error, number);
    case UC_CTL_UC_ARCH:
      error = uc_ctl_get_arch(uc, &number);
      return Result(in, handle, error, number);
    case UC_CTL_CPU_MODEL:
      error = uc_ctl_get_cpu_model(uc, &number);
      return Result(in, handle, error, number);
    case UC_CTL_UC_PAGE_SIZE:
      error = uc_ctl_get_page_size(uc, &page_size);
      return Result(in, handle, error, page_size);
    case UC_CTL_UC_TIMEOUT:
      error = uc_ctl_get_timeout(uc, &timeout);
      return Result(in, handle, error, timeout);
    case UC_CTL_UC_EXITS_CNT:
      error = uc_ctl_get_exits_cnt(uc, &count);
      return Result(in, handle, error, count);
    default:
      return Code(in.env(), error);
  }
}

napi_value CtlSetCpuModel(const Arguments& in, EngineHandle& handle) {
  int model = 0;
  if (!in.Integer(0, "model", &model)) return nullptr;
  return Code(in.env(), handle.engine.SetCpuModel(model));
}

napi_value CtlSetPageSize(const Arguments& in, EngineHandle& handle) {
  uint64_t size = 0;
  if (!in.Unsigned(0, "size", &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // Outside of what the Arm architecture has, the library's page tables have no levels.
  if (size < 1024 || size > 65536) return Code(in.env(), UC_ERR_ARG);
  if ((size & (size - 1)) != 0) return Code(in.env(), UC_ERR_ARG);
  // Up to release 2.0.1 the library makes pages twice as large as it is told.
  constexpr unsigned kLastWithFault = 0x020001;
  const bool doubles = uc_version(nullptr, nullptr) >> 8 <= kLastWithFault;
  const auto told = static_cast<uint32_t>(doubles ? size / 2 : size);
  return Code(in.env(), uc_ctl_set_page_size(handle.engine.uc(), told));
}

napi_value CtlUseExits(const Arguments& in, EngineHandle& handle) {
  int enabled = 0;
  if (!in.Integer(0, "enabled", &enabled)) return nullptr;
  return Code(in.env(), handle.engine.UseExits(enabled != 0));
}

// Exits travel as 64-bit integers in a byte array.
napi_value CtlSetExits(const Arguments& in, EngineHandle& handle) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!in.Bytes(0, "exits", &bytes, &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  std::vector<uint64_t> exits(size / sizeof(uint64_t));
  if (!exits.empty()) memcpy(exits.data(), bytes, exits.size() * sizeof(uint64_t));
  return Code(in.env(), uc_ctl_set_exits(handle.engine.uc(), exits.data(), exits.size()));
}

napi_value CtlGetExits(const Arguments& in, EngineHandle& handle) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!in.Bytes(0, "exits", &bytes, &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  std::vector<uint64_t> exits(size / sizeof(uint64_t));
  const uc_err error = uc_ctl_get_exits(handle.engine.uc(), exits.data(), exits.size());
  if (error == UC_ERR_OK && !exits.empty()) memcpy(bytes, exits.data(), exits.size() * sizeof(uint64_t));
  return Code(in.env(), error);
}

napi_value CtlRequestCache(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0;
  if (!in.Unsigned(0, "address", &address)) return nullptr;
  uc_tb block{};
  const int error = handle.engine.RequestCache(address, &block);
  const uint64_t fields[] = {block.pc, block.icount, block.size};
  memcpy(handle.scratch, fields, sizeof(fields));
  return Code(in.env(), error);
}

napi_value CtlFlush(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.running()) return Code(in.env(), kErrorBusy);
  return Code(in.env(), uc_ctl_flush_tlb(handle.engine.uc()));
}

napi_value CtlRemoveCache(const Arguments& in, EngineHandle& handle) {
  uint64_t begin = 0, end = 0;
  if (!in.Unsigned(0, "address", &begin) || !in.Unsigned(1, "end", &end)) return nullptr;
  return Code(in.env(), handle.engine.RemoveCache(begin, end));
}

}  // namespace unicornjs
