// Methods of hooks and of execution.
#include <cstring>

#include "it-block.h"
#include "methods.h"

namespace unicornjs {
namespace {

bool ReadRange(const Arguments& in, Range* range) {
  uint64_t begin = 0, end = 0;
  if (!in.Unsigned(0, "begin", &begin) || !in.Unsigned(1, "end", &end)) return false;
  *range = {begin, end > begin ? end - begin : 0};
  return true;
}

}  // namespace

napi_value HookAdd(const Arguments& in, EngineHandle& handle) {
  int type = 0;
  uint64_t id = 0, begin = 0, end = 0;
  HookExtra extra;
  if (!in.Integer(0, "type", &type) || !in.Unsigned(1, "id", &id) ||
      !in.Unsigned(2, "begin", &begin) || !in.Unsigned(3, "end", &end) ||
      !in.Integer(4, "extra", &extra.first) || !in.Integer(5, "flags", &extra.second)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.AddHook(type, static_cast<uint32_t>(id), begin, end, extra));
}

napi_value HookDel(const Arguments& in, EngineHandle& handle) {
  uint64_t id = 0;
  if (!in.Unsigned(0, "id", &id)) return nullptr;
  return Code(in.env(), handle.engine.DeleteHook(static_cast<uint32_t>(id)));
}

napi_value EmuStart(const Arguments& in, EngineHandle& handle) {
  uint64_t begin = 0, until = 0, timeout = 0, count = 0;
  napi_value dispatch;
  if (!in.Unsigned(0, "begin", &begin) || !in.Unsigned(1, "until", &until) ||
      !in.Unsigned(2, "timeout", &timeout) || !in.Unsigned(3, "count", &count) ||
      !in.Function(4, "dispatch", &dispatch)) {
    return nullptr;
  }
  Engine::CallScope scope(&handle.engine, in.env(), dispatch);
  return Code(in.env(), handle.engine.Start(begin, until, timeout, count));
}

napi_value EmuStop(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  handle.engine.Stop();
  return Code(in.env(), UC_ERR_OK);
}

napi_value RunBudget(const Arguments& in, EngineHandle& handle) {
  uint64_t pc = 0, budget = 0;
  napi_value dispatch;
  if (!in.Unsigned(0, "pc", &pc) || !in.Unsigned(1, "budget", &budget) ||
      !in.Function(2, "dispatch", &dispatch)) {
    return nullptr;
  }
  Engine::CallScope scope(&handle.engine, in.env(), dispatch);
  const int error = handle.engine.RunFor(pc, budget);
  const RunState& run = handle.engine.run();
  const double results[] = {
      static_cast<double>(run.reason),     static_cast<double>(run.pc),
      static_cast<double>(run.retired),    static_cast<double>(run.executed),
      static_cast<double>(run.in_range),   static_cast<double>(run.interrupt),
      static_cast<double>(run.fault_type), static_cast<double>(run.fault_address),
      static_cast<double>(run.fault_size), static_cast<double>(run.retired_in_range),
      static_cast<double>(run.traced),     static_cast<double>(run.event),
      static_cast<double>(run.entered),    static_cast<double>(run.by_blocks),
      static_cast<double>(handle.engine.blocks() == nullptr ? 0 : handle.engine.blocks()->counting()),
  };
  memcpy(handle.scratch + kRegisterBytes, results, sizeof(results));
  memcpy(handle.scratch + kRegisterBytes + sizeof(results), &run.fault_address, sizeof(run.fault_address));
  return Code(in.env(), error);
}

napi_value RunProgress(const Arguments& in, EngineHandle& handle) {
  napi_value value;
  napi_create_double(in.env(), static_cast<double>(handle.engine.run().Progress()), &value);
  return value;
}

napi_value RunLimit(const Arguments& in, EngineHandle& handle) {
  uint64_t budget = 0;
  if (!in.Unsigned(0, "budget", &budget)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  RunState& run = handle.engine.run();
  if (run.active) LimitRun(run, budget);
  return Code(in.env(), UC_ERR_OK);
}

napi_value RunAbort(const Arguments& in, EngineHandle& handle) {
  int type = 0, size = 0;
  uint64_t address = 0;
  if (!in.Integer(0, "type", &type) || !in.Unsigned(1, "address", &address) || !in.Integer(2, "size", &size)) return nullptr;
  return Code(in.env(), handle.engine.Abort(type, address, size));
}

napi_value RunChecks(const Arguments& in, EngineHandle& handle) {
  uint64_t checks = 0;
  if (!in.Unsigned(0, "checks", &checks)) return nullptr;
  return Code(in.env(), handle.engine.Watch(static_cast<uint32_t>(checks)));
}

napi_value UseFastStores(const Arguments& in, EngineHandle& handle) { return Code(in.env(), handle.engine.UseFastStores()); }

napi_value MProfileBaseline(const Arguments& in, EngineHandle& handle) { return Code(in.env(), handle.engine.UseBaseline()); }

napi_value MProfileClearExclusive(const Arguments& in, EngineHandle& handle) {
  int offset = 0;
  if (!in.Integer(0, "offset", &offset)) return nullptr;
  return Code(in.env(), handle.engine.ClearExclusive(static_cast<uint32_t>(offset)));
}

napi_value MProfileDivide(const Arguments& in, EngineHandle& handle) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!in.Bytes(0, "pages", &bytes, &size)) return nullptr;
  if (size % sizeof(uint32_t) != 0) return Code(in.env(), UC_ERR_ARG);
  return Code(in.env(), handle.engine.Divide(reinterpret_cast<const uint32_t*>(bytes), size / sizeof(uint32_t)));
}

napi_value MProfileRead(const Arguments& in, EngineHandle& handle) {
  int floats = 0;
  if (!in.Integer(0, "floats", &floats)) return nullptr;
  auto* words = reinterpret_cast<uint32_t*>(handle.scratch + kMProfileOffset);
  return Code(in.env(), handle.engine.ReadMProfile(words, floats != 0));
}

napi_value MProfileWrite(const Arguments& in, EngineHandle& handle) {
  int floats = 0;
  if (!in.Integer(0, "floats", &floats)) return nullptr;
  auto* words = reinterpret_cast<const uint32_t*>(handle.scratch + kMProfileOffset);
  return Code(in.env(), handle.engine.WriteMProfile(words, floats != 0));
}

napi_value CountRange(const Arguments& in, EngineHandle& handle) {
  Range range;
  if (!ReadRange(in, &range)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  handle.engine.ForgetBlocks();
  handle.engine.run().counted = range;
  handle.engine.run().ranges = true;
  handle.engine.run().places = &Stops::kEverywhere;
  handle.engine.run().retired_in_range = -1;
  return Code(in.env(), UC_ERR_OK);
}

napi_value CoverRange(const Arguments& in, EngineHandle& handle) {
  Range range;
  if (!ReadRange(in, &range)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // One bit a halfword.
  Memory* memory = Memory::Create((range.length + 15) / 16);
  if (memory == nullptr) return Code(in.env(), range.length == 0 ? UC_ERR_ARG : UC_ERR_NOMEM);
  RunState& run = handle.engine.run();
  if (run.coverage != nullptr) run.coverage->Release();
  memory->Retain();
  run.coverage = memory;
  run.covered = range;
  run.ranges = true;
  run.places = &Stops::kEverywhere;
  return handle.buffers.Create(in.env(), memory);
}

napi_value TraceRuns(const Arguments& in, EngineHandle& handle) {
  uint64_t limit = 0;
  if (!in.Unsigned(0, "limit", &limit)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.running()) return Code(in.env(), kErrorBusy);
  constexpr uint64_t kMaxLimit = uint64_t{1} << 24;
  if (limit == 0 || limit > kMaxLimit) return Code(in.env(), UC_ERR_ARG);
  Memory* memory = Memory::Create((limit + kMostConditional) * sizeof(uint32_t));
  if (memory == nullptr) return Code(in.env(), UC_ERR_NOMEM);
  RunState& run = handle.engine.run();
  if (run.trace != nullptr) run.trace->Release();
  memory->Retain();
  run.trace = memory;
  run.trace_limit = limit;
  return handle.buffers.Create(in.env(), memory);
}

}  // namespace unicornjs
