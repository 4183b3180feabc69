// Methods of a debugger's stops.
#include "methods.h"

namespace unicornjs {

napi_value StopSet(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0;
  int on = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Integer(1, "on", &on)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  handle.engine.SetStop(address, on != 0);
  return Code(in.env(), UC_ERR_OK);
}

napi_value StopPass(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0;
  if (!in.Unsigned(0, "address", &address)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  handle.engine.UseStops().passed = address;
  return Code(in.env(), UC_ERR_OK);
}

napi_value StopWatch(const Arguments& in, EngineHandle& handle) {
  uint64_t id = 0, begin = 0, size = 0, kinds = 0;
  if (!in.Unsigned(0, "id", &id) || !in.Unsigned(1, "begin", &begin) || !in.Unsigned(2, "size", &size) || !in.Unsigned(3, "kinds", &kinds)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.AddWatch(static_cast<uint32_t>(id), begin, size, static_cast<uint32_t>(kinds)));
}

napi_value StopUnwatch(const Arguments& in, EngineHandle& handle) {
  uint64_t id = 0;
  if (!in.Unsigned(0, "id", &id)) return nullptr;
  return Code(in.env(), handle.engine.RemoveWatch(static_cast<uint32_t>(id)));
}

}  // namespace unicornjs
