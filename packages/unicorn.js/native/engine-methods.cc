// Methods of the engine as a whole, of its registers and of saved contexts.
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

napi_value RegRead(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // Registers narrower than what is asked for read as zero-extended.
  memset(handle.scratch, 0, kRegisterBytes);
  return Code(in.env(), uc_reg_read(handle.engine.uc(), id, handle.scratch));
}

napi_value RegWrite(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  return Code(in.env(), uc_reg_write(handle.engine.uc(), id, handle.scratch));
}

napi_value ContextSave(const Arguments& in, EngineHandle& handle) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Save(&handle.engine));
}

napi_value ContextRestore(const Arguments& in, EngineHandle& handle) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Restore(&handle.engine));
}

napi_value ContextFree(const Arguments& in, EngineHandle&) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Free());
}

napi_value CtlSetCpuModel(const Arguments& in, EngineHandle& handle) {
  int model = 0;
  if (!in.Integer(0, "model", &model)) return nullptr;
  return Code(in.env(), handle.engine.SetCpuModel(model));
}

napi_value CtlGetCpuModel(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  int model = 0;
  const uc_err error = uc_ctl_get_cpu_model(handle.engine.uc(), &model);
  const uint64_t value = static_cast<uint64_t>(model);
  memcpy(handle.scratch, &value, sizeof(value));
  return Code(in.env(), error);
}

napi_value CtlRemoveCache(const Arguments& in, EngineHandle& handle) {
  uint64_t begin = 0, end = 0;
  if (!in.Unsigned(0, "address", &begin) || !in.Unsigned(1, "end", &end)) return nullptr;
  return Code(in.env(), handle.engine.RemoveCache(begin, end));
}

}  // namespace unicornjs
