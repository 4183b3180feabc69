// Methods of the engine as a whole.
#include <cstring>

#include "methods.h"

namespace unicornjs {

napi_value Open(const Arguments& in, EngineHandle& handle) {
  int arch = 0, mode = 0;
  if (!in.Integer(0, "arch", &arch) || !in.Integer(1, "mode", &mode)) return nullptr;
  const int error = handle.engine.Open(arch, mode);
  int64_t total = 0;
  if (error == UC_ERR_OK) napi_adjust_external_memory(in.env(), kEngineBytes, &total);
  return Code(in.env(), error);
}

napi_value Close(const Arguments& in, EngineHandle& handle) {
  const int error = handle.engine.Close();
  int64_t total = 0;
  if (error != UC_ERR_OK) return Code(in.env(), error);
  napi_adjust_external_memory(in.env(), -kEngineBytes, &total);
  handle.buffers.DetachAll(in.env());
  return Code(in.env(), error);
}

napi_value Recycle(const Arguments& in, EngineHandle& handle) {
  const int error = handle.engine.Recycle();
  if (error == UC_ERR_OK) handle.buffers.Take(in.env());
  return Code(in.env(), error);
}

napi_value Scratch(const Arguments& in, EngineHandle& handle) {
  napi_value buffer = nullptr;
  napi_get_reference_value(in.env(), handle.scratch_buffer, &buffer);
  return buffer;
}

napi_value Errno(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  return Code(in.env(), uc_errno(handle.engine.uc()));
}

napi_value Query(const Arguments& in, EngineHandle& handle) {
  int type = 0;
  if (!in.Integer(0, "type", &type)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  size_t result = 0;
  const uc_err error = uc_query(handle.engine.uc(), static_cast<uc_query_type>(type), &result);
  const uint64_t value = result;
  memcpy(handle.scratch, &value, sizeof(value));
  return Code(in.env(), error);
}

}  // namespace unicornjs
