// Methods of the memory guard.
#include <cstring>

#include "methods.h"

namespace unicornjs {

napi_value GuardMemory(const Arguments& in, EngineHandle& handle) {
  GuardSetup setup{};
  uint64_t fields[4] = {};
  int aligned = 0;
  const char* const names[] = {"codeBegin", "codeEnd", "stackBegin", "stackEnd"};
  for (size_t index = 0; index < 4; index++) {
    if (!in.Unsigned(index, names[index], &fields[index])) return nullptr;
  }
  if (!in.Integer(4, "aligned", &aligned)) return nullptr;
  if (fields[1] < fields[0] || fields[3] < fields[2]) return Code(in.env(), UC_ERR_ARG);
  setup.code = {fields[0], fields[1] - fields[0]};
  setup.stack = {fields[2], fields[3] - fields[2]};
  setup.aligned = aligned != 0;
  const int error = handle.engine.InstallGuard(setup);
  if (error != UC_ERR_OK) return Code(in.env(), error);
  Memory* marks = handle.engine.guard()->marks;
  marks->Retain();
  return handle.buffers.Create(in.env(), marks);
}

napi_value GuardRules(const Arguments& in, EngineHandle& handle) {
  uint8_t* functions = nullptr;
  uint8_t* ranges = nullptr;
  size_t function_bytes = 0, range_bytes = 0;
  if (!in.Bytes(0, "functions", &functions, &function_bytes) ||
      !in.Bytes(1, "ranges", &ranges, &range_bytes)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.SetGuardRules(functions, function_bytes / 12, ranges,
                                                    range_bytes / 16));
}

napi_value GuardTake(const Arguments& in, EngineHandle& handle) {
  const GuardReport report = handle.engine.TakeViolation();
  const double results[] = {
      static_cast<double>(report.violation), static_cast<double>(report.is_write),
      static_cast<double>(report.pc),        static_cast<double>(report.address),
      static_cast<double>(report.size),
  };
  memcpy(handle.scratch + kRegisterBytes, results, sizeof(results));
  return Code(in.env(), handle.engine.guard() == nullptr ? UC_ERR_HOOK : UC_ERR_OK);
}

// Forgets the activations above the first `kept`; how many are left.
napi_value GuardFrames(const Arguments& in, EngineHandle& handle) {
  uint64_t kept = 0;
  if (!in.Unsigned(0, "kept", &kept)) return nullptr;
  Guard* guard = handle.engine.guard();
  if (guard == nullptr) return Code(in.env(), 0);
  if (kept < guard->frames.size()) guard->frames.resize(kept);
  return Code(in.env(), static_cast<int>(guard->frames.size()));
}

}  // namespace unicornjs
