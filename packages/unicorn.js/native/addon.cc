// The table of native methods: arguments in, error codes out. Everything that JavaScript can pass
// is checked here or in values.cc; src/native.ts describes the same interface in TypeScript.
#include <node_api.h>

#include <cstring>

#include "context.h"
#include "engine.h"
#include "it-block.h"
#include "values.h"

namespace unicornjs {
namespace {

constexpr napi_type_tag kEngineTag = {0x6669726562616c6c, 0x756e69636f726e01};
constexpr napi_type_tag kContextTag = {0x6669726562616c6c, 0x756e69636f726e02};

// Page shared with JavaScript for results: register bytes first (the widest register of any
// architecture has 64), then the outcome of a run as doubles.
constexpr uint64_t kScratchSize = 4096;
constexpr size_t kRegisterBytes = 64;

struct EngineHandle {
  Engine engine;
  Memory* scratch = Memory::Create(kScratchSize);
  ~EngineHandle() {
    if (scratch != nullptr) scratch->Release();
  }
};

// A rough size of an open engine, so that the collector feels what forgotten ones cost.
constexpr int64_t kEngineBytes = 8 << 20;

napi_value Code(napi_env env, int code) {
  napi_value value;
  napi_create_int32(env, code, &value);
  return value;
}

template <typename T>
T* Unwrap(napi_env env, napi_value object, const napi_type_tag& tag) {
  bool matches = false;
  void* pointer = nullptr;
  if (napi_check_object_type_tag(env, object, &tag, &matches) != napi_ok || !matches ||
      napi_unwrap(env, object, &pointer) != napi_ok) {
    napi_throw_type_error(env, nullptr, "Unicorn.js: not an object of this library");
    return nullptr;
  }
  return static_cast<T*>(pointer);
}

void FinalizeEngine(napi_env env, void* data, void*) {
  auto* handle = static_cast<EngineHandle*>(data);
  // A process that ends inside a hook still has the guest on its stack: leave it alone.
  if (handle->engine.running()) return;
  int64_t total = 0;
  if (handle->engine.open()) napi_adjust_external_memory(env, -kEngineBytes, &total);
  delete handle;
}

void FinalizeContext(napi_env, void* data, void*) { delete static_cast<Context*>(data); }

void FinalizeBuffer(napi_env, void*, void* hint) { static_cast<Memory*>(hint)->Release(); }

// An ArrayBuffer over `memory`, whose reference it takes over.
napi_value BufferOver(napi_env env, Memory* memory) {
  napi_value buffer;
  napi_status status = napi_create_external_arraybuffer(env, memory->base(), memory->size(),
                                                        FinalizeBuffer, memory, &buffer);
  if (status == napi_ok) return buffer;
  memory->Release();
  napi_throw_error(env, nullptr, "Unicorn.js: no ArrayBuffer over native memory in this runtime");
  return nullptr;
}

napi_value NewEngine(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "Unicorn");
  auto* handle = new EngineHandle();
  if (handle->scratch == nullptr) {
    delete handle;
    napi_throw_error(env, nullptr, "Unicorn.js: the host has no memory for an engine");
    return nullptr;
  }
  napi_wrap(env, arguments.self(), handle, FinalizeEngine, nullptr, nullptr);
  napi_type_tag_object(env, arguments.self(), &kEngineTag);
  return arguments.self();
}

napi_value NewContext(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "Context");
  napi_wrap(env, arguments.self(), new Context(), FinalizeContext, nullptr, nullptr);
  napi_type_tag_object(env, arguments.self(), &kContextTag);
  return arguments.self();
}

using Method = napi_value (*)(const Arguments&, EngineHandle&);

// Wraps a method with argument collection and the check of its receiver.
template <Method method>
napi_value Call(napi_env env, napi_callback_info info) {
  void* name = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &name);
  Arguments arguments(env, info, static_cast<const char*>(name));
  auto* handle = Unwrap<EngineHandle>(env, arguments.self(), kEngineTag);
  return handle == nullptr ? nullptr : method(arguments, *handle);
}

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
  if (error == UC_ERR_OK) napi_adjust_external_memory(in.env(), -kEngineBytes, &total);
  return Code(in.env(), error);
}

napi_value Scratch(const Arguments& in, EngineHandle& handle) {
  handle.scratch->Retain();
  return BufferOver(in.env(), handle.scratch);
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
  memcpy(handle.scratch->base(), &value, sizeof(value));
  return Code(in.env(), error);
}

napi_value RegRead(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // Registers narrower than what is asked for read as zero-extended.
  memset(handle.scratch->base(), 0, kRegisterBytes);
  return Code(in.env(), uc_reg_read(handle.engine.uc(), id, handle.scratch->base()));
}

napi_value RegWrite(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  return Code(in.env(), uc_reg_write(handle.engine.uc(), id, handle.scratch->base()));
}

// Address, size and permissions of a region at argument 0.
struct Region {
  uint64_t address = 0;
  uint64_t size = 0;
  int permissions = 0;
  bool Read(const Arguments& in) {
    return in.Unsigned(0, "address", &address) && in.Unsigned(1, "size", &size) &&
           in.Integer(2, "perms", &permissions);
  }
};

napi_value MemMap(const Arguments& in, EngineHandle& handle) {
  Region region;
  if (!region.Read(in)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (region.size == 0) return Code(in.env(), UC_ERR_ARG);
  Memory* memory = Memory::Create(region.size);
  if (memory == nullptr) return Code(in.env(), UC_ERR_NOMEM);
  const int error = handle.engine.Map(region.address, region.size, region.permissions, memory, 0);
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemMapNative(const Arguments& in, EngineHandle& handle) {
  Region region;
  if (!region.Read(in)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (region.size == 0) return Code(in.env(), UC_ERR_ARG);
  Memory* memory = Memory::Create(region.size);
  if (memory == nullptr) return Code(in.env(), UC_ERR_NOMEM);
  const int error = handle.engine.Map(region.address, region.size, region.permissions, memory, 0);
  if (error == UC_ERR_OK) return BufferOver(in.env(), memory);
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemMapPtr(const Arguments& in, EngineHandle& handle) {
  Region region;
  void* data = nullptr;
  size_t length = 0;
  uint64_t offset = 0;
  if (!region.Read(in) || !in.Buffer(3, "buffer", &data, &length) ||
      !in.Unsigned(4, "offset", &offset)) {
    return nullptr;
  }
  Memory* memory = data == nullptr ? nullptr : Memory::FindAndRetain(data);
  if (memory == nullptr) {
    napi_throw_type_error(in.env(), nullptr,
                          "Unicorn.js: mem_map_ptr: buffer must come from mem_map_native");
    return nullptr;
  }
  const bool inside = offset <= memory->size() && region.size <= memory->size() - offset;
  const int error = inside ? handle.engine.Map(region.address, region.size, region.permissions,
                                               memory, offset)
                           : UC_ERR_ARG;
  memory->Release();
  return Code(in.env(), error);
}

napi_value MemUnmap(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0, size = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Unsigned(1, "size", &size)) return nullptr;
  return Code(in.env(), handle.engine.Unmap(address, size));
}

napi_value MemProtect(const Arguments& in, EngineHandle& handle) {
  Region region;
  if (!region.Read(in)) return nullptr;
  return Code(in.env(), handle.engine.Protect(region.address, region.size, region.permissions));
}

napi_value MemRead(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0;
  uint8_t* bytes = nullptr;
  size_t size = 0;
  napi_value dispatch;
  if (!in.Unsigned(0, "address", &address) || !in.Bytes(1, "bytes", &bytes, &size) ||
      !in.Function(2, "dispatch", &dispatch)) {
    return nullptr;
  }
  Engine::CallScope scope(&handle.engine, in.env(), dispatch);
  return Code(in.env(), handle.engine.Read(address, bytes, size));
}

napi_value MemWrite(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0;
  uint8_t* bytes = nullptr;
  size_t size = 0;
  napi_value dispatch;
  if (!in.Unsigned(0, "address", &address) || !in.Bytes(1, "bytes", &bytes, &size) ||
      !in.Function(2, "dispatch", &dispatch)) {
    return nullptr;
  }
  Engine::CallScope scope(&handle.engine, in.env(), dispatch);
  return Code(in.env(), handle.engine.Write(address, bytes, size));
}

// An array of begin, end (inclusive), permissions; three bigints a region.
napi_value MemRegions(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  uc_mem_region* regions = nullptr;
  uint32_t count = 0;
  const uc_err error = uc_mem_regions(handle.engine.uc(), &regions, &count);
  if (error != UC_ERR_OK) return Code(in.env(), error);
  napi_value list;
  napi_create_array_with_length(in.env(), size_t{count} * 3, &list);
  for (uint32_t index = 0; index < count; index++) {
    const uint64_t fields[] = {regions[index].begin, regions[index].end, regions[index].perms};
    for (uint32_t field = 0; field < 3; field++) {
      napi_value value;
      napi_create_bigint_uint64(in.env(), fields[field], &value);
      napi_set_element(in.env(), list, index * 3 + field, value);
    }
  }
  uc_free(regions);
  return list;
}

napi_value MmioMap(const Arguments& in, EngineHandle& handle) {
  uint64_t address = 0, size = 0, id = 0;
  if (!in.Unsigned(0, "address", &address) || !in.Unsigned(1, "size", &size) ||
      !in.Unsigned(2, "id", &id)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.MapDevice(address, size, static_cast<uint32_t>(id)));
}

napi_value HookAdd(const Arguments& in, EngineHandle& handle) {
  int type = 0;
  uint64_t id = 0, begin = 0, end = 0;
  if (!in.Integer(0, "type", &type) || !in.Unsigned(1, "id", &id) ||
      !in.Unsigned(2, "begin", &begin) || !in.Unsigned(3, "end", &end)) {
    return nullptr;
  }
  return Code(in.env(), handle.engine.AddHook(type, static_cast<uint32_t>(id), begin, end));
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
      static_cast<double>(run.traced),
  };
  memcpy(handle.scratch->base() + kRegisterBytes, results, sizeof(results));
  return Code(in.env(), error);
}

bool ReadRange(const Arguments& in, Range* range) {
  uint64_t begin = 0, end = 0;
  if (!in.Unsigned(0, "begin", &begin) || !in.Unsigned(1, "end", &end)) return false;
  *range = {begin, end > begin ? end - begin : 0};
  return true;
}

napi_value CountRange(const Arguments& in, EngineHandle& handle) {
  Range range;
  if (!ReadRange(in, &range)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  handle.engine.run().counted = range;
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
  return BufferOver(in.env(), memory);
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
  return BufferOver(in.env(), memory);
}

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
  return BufferOver(in.env(), marks);
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
  memcpy(handle.scratch->base() + kRegisterBytes, results, sizeof(results));
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

napi_value ContextSave(const Arguments& in, EngineHandle& handle) {
  auto* context = Unwrap<Context>(in.env(), in.at(0), kContextTag);
  return context == nullptr ? nullptr : Code(in.env(), context->Save(&handle.engine));
}

napi_value ContextRestore(const Arguments& in, EngineHandle& handle) {
  auto* context = Unwrap<Context>(in.env(), in.at(0), kContextTag);
  return context == nullptr ? nullptr : Code(in.env(), context->Restore(&handle.engine));
}

napi_value ContextFree(const Arguments& in, EngineHandle&) {
  auto* context = Unwrap<Context>(in.env(), in.at(0), kContextTag);
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
  memcpy(handle.scratch->base(), &value, sizeof(value));
  return Code(in.env(), error);
}

napi_value CtlRemoveCache(const Arguments& in, EngineHandle& handle) {
  uint64_t begin = 0, end = 0;
  if (!in.Unsigned(0, "address", &begin) || !in.Unsigned(1, "end", &end)) return nullptr;
  return Code(in.env(), handle.engine.RemoveCache(begin, end));
}

napi_value Version(napi_env env, napi_callback_info) {
  return Code(env, static_cast<int>(uc_version(nullptr, nullptr)));
}

napi_value ArchSupported(napi_env env, napi_callback_info info) {
  Arguments in(env, info, "arch_supported");
  int arch = 0;
  if (!in.Integer(0, "arch", &arch)) return nullptr;
  napi_value value;
  napi_get_boolean(env, uc_arch_supported(static_cast<uc_arch>(arch)), &value);
  return value;
}

napi_value StrError(napi_env env, napi_callback_info info) {
  Arguments in(env, info, "strerror");
  int code = 0;
  if (!in.Integer(0, "code", &code)) return nullptr;
  const char* text = code == kErrorBusy ? "The engine is running (call this between runs)"
                                        : uc_strerror(static_cast<uc_err>(code));
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_property_descriptor Entry(const char* name, napi_callback callback) {
  return {name,    nullptr, callback,     nullptr,
          nullptr, nullptr, napi_default, const_cast<char*>(name)};
}

}  // namespace
}  // namespace unicornjs

NAPI_MODULE_INIT() {
  using namespace unicornjs;
  const napi_property_descriptor methods[] = {
      Entry("open", Call<Open>),
      Entry("close", Call<Close>),
      Entry("scratch", Call<Scratch>),
      Entry("errno", Call<Errno>),
      Entry("query", Call<Query>),
      Entry("reg_read", Call<RegRead>),
      Entry("reg_write", Call<RegWrite>),
      Entry("mem_map", Call<MemMap>),
      Entry("mem_map_native", Call<MemMapNative>),
      Entry("mem_map_ptr", Call<MemMapPtr>),
      Entry("mem_unmap", Call<MemUnmap>),
      Entry("mem_protect", Call<MemProtect>),
      Entry("mem_read", Call<MemRead>),
      Entry("mem_write", Call<MemWrite>),
      Entry("mem_regions", Call<MemRegions>),
      Entry("mmio_map", Call<MmioMap>),
      Entry("hook_add", Call<HookAdd>),
      Entry("hook_del", Call<HookDel>),
      Entry("emu_start", Call<EmuStart>),
      Entry("emu_stop", Call<EmuStop>),
      Entry("run", Call<RunBudget>),
      Entry("count_range", Call<CountRange>),
      Entry("cover_range", Call<CoverRange>),
      Entry("trace_runs", Call<TraceRuns>),
      Entry("guard_memory", Call<GuardMemory>),
      Entry("guard_rules", Call<GuardRules>),
      Entry("guard_take", Call<GuardTake>),
      Entry("guard_frames", Call<GuardFrames>),
      Entry("context_save", Call<ContextSave>),
      Entry("context_restore", Call<ContextRestore>),
      Entry("context_free", Call<ContextFree>),
      Entry("ctl_set_cpu_model", Call<CtlSetCpuModel>),
      Entry("ctl_get_cpu_model", Call<CtlGetCpuModel>),
      Entry("ctl_remove_cache", Call<CtlRemoveCache>),
  };
  napi_value engine;
  napi_value context;
  napi_define_class(env, "Engine", NAPI_AUTO_LENGTH, NewEngine, nullptr,
                    sizeof(methods) / sizeof(methods[0]), methods, &engine);
  napi_define_class(env, "Context", NAPI_AUTO_LENGTH, NewContext, nullptr, 0, nullptr, &context);
  napi_set_named_property(env, exports, "Engine", engine);
  napi_set_named_property(env, exports, "Context", context);
  const napi_property_descriptor functions[] = {
      Entry("version", Version),
      Entry("arch_supported", ArchSupported),
      Entry("strerror", StrError),
  };
  napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions);
  return exports;
}
