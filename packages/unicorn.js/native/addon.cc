// What JavaScript gets: classes, the table of their methods, functions. src/native.ts describes the
// same interface in TypeScript.
#include <node_api.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "deadline.h"
#include "methods.h"
#include "refusals.h"

namespace unicornjs {
namespace {

using Method = napi_value (*)(const Arguments&, EngineHandle&);

// Wraps a method with argument collection and the check of its receiver.
template <Method method>
napi_value Call(napi_env env, napi_callback_info info) {
  void* name = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &name);
  Arguments arguments(env, info, static_cast<const char*>(name));
  auto* handle = UnwrapEngine(env, arguments.self());
  return handle == nullptr ? nullptr : method(arguments, *handle);
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
  napi_value value;
  napi_create_string_utf8(env, ErrorText(code), NAPI_AUTO_LENGTH, &value);
  return value;
}

// The C library raises its limit for blocks of their own whenever such a block is freed. The large blocks
// of an engine would then lie among small ones that JavaScript frees between two turns of the event loop
// only, and every next engine would take its memory from the system again: 0.5 MB an engine, measured.
// Setting the limit, to what it is at first, leaves it there.
void KeepLargeBlocksApart() {
#ifdef __GLIBC__
  constexpr int kLimit = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLimit);
#endif
}

napi_property_descriptor Entry(const char* name, napi_callback callback) {
  return {name,    nullptr, callback,     nullptr,
          nullptr, nullptr, napi_default, const_cast<char*>(name)};
}

}  // namespace
}  // namespace unicornjs

NAPI_MODULE_INIT() {
  using namespace unicornjs;
  KeepLargeBlocksApart();
  const napi_property_descriptor methods[] = {
      Entry("open", Call<Open>),
      Entry("close", Call<Close>),
      Entry("recycle", Call<Recycle>),
      Entry("scratch", Call<Scratch>),
      Entry("errno", Call<Errno>),
      Entry("query", Call<Query>),
      Entry("reg_read", Call<RegRead>),
      Entry("reg_read_request", Call<RegReadRequest>),
      Entry("reg_write", Call<RegWrite>),
      Entry("reg_read_batch", Call<RegReadBatch>),
      Entry("reg_write_batch", Call<RegWriteBatch>),
      Entry("mem_map", Call<MemMap>),
      Entry("mem_map_native", Call<MemMapNative>),
      Entry("mem_renew", Call<MemRenew>),
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
      Entry("run_progress", Call<RunProgress>),
      Entry("run_limit", Call<RunLimit>),
      Entry("run_abort", Call<RunAbort>),
      Entry("run_checks", Call<RunChecks>),
      Entry("fast_stores", Call<UseFastStores>),
      Entry("m_profile_baseline", Call<MProfileBaseline>),
      Entry("m_profile_clear_exclusive", Call<MProfileClearExclusive>),
      Entry("m_profile_divide", Call<MProfileDivide>),
      Entry("m_profile_read", Call<MProfileRead>),
      Entry("m_profile_write", Call<MProfileWrite>),
      Entry("stop_set", Call<StopSet>),
      Entry("stop_pass", Call<StopPass>),
      Entry("stop_watch", Call<StopWatch>),
      Entry("stop_unwatch", Call<StopUnwatch>),
      Entry("riscv_internals", Call<RiscvInternalsUse>),
      Entry("riscv_listen", Call<RiscvListen>),
      Entry("riscv_log", Call<RiscvLog>),
      Entry("riscv_csr_read", Call<RiscvCsrRead>),
      Entry("riscv_csr_write", Call<RiscvCsrWrite>),
      Entry("riscv_mode_read", Call<RiscvModeRead>),
      Entry("riscv_mode_write", Call<RiscvModeWrite>),
      Entry("riscv_pending", Call<RiscvPending>),
      Entry("riscv_flush", Call<RiscvFlush>),
      Entry("riscv_double_read", Call<RiscvDoubleRead>),
      Entry("riscv_double_write", Call<RiscvDoubleWrite>),
      Entry("riscv_watch", Call<RiscvWatch>),
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
      Entry("context_reg_read", Call<ContextRegRead>),
      Entry("context_reg_write", Call<ContextRegWrite>),
      Entry("context_size", Call<ContextSize>),
      Entry("context_bytes", Call<ContextBytes>),
      Entry("context_patch", Call<ContextPatch>),
      Entry("ctl_set_cpu_model", Call<CtlSetCpuModel>),
      Entry("ctl_read", Call<CtlRead>),
      Entry("ctl_set_page_size", Call<CtlSetPageSize>),
      Entry("ctl_use_exits", Call<CtlUseExits>),
      Entry("ctl_set_exits", Call<CtlSetExits>),
      Entry("ctl_get_exits", Call<CtlGetExits>),
      Entry("ctl_request_cache", Call<CtlRequestCache>),
      Entry("ctl_flush", Call<CtlFlush>),
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
      Entry("call_within", CallWithin),
  };
  napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions);
  return exports;
}
