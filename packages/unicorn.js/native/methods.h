// The methods of the class Engine: arguments in, error codes out. Everything that JavaScript can pass
// is checked in them or in values.cc.
#pragma once
#include <node_api.h>

#include "handle.h"
#include "values.h"

namespace unicornjs {

// engine-methods.cc
napi_value Open(const Arguments& in, EngineHandle& handle);
napi_value Close(const Arguments& in, EngineHandle& handle);
napi_value Recycle(const Arguments& in, EngineHandle& handle);
napi_value Scratch(const Arguments& in, EngineHandle& handle);
napi_value Errno(const Arguments& in, EngineHandle& handle);
napi_value Query(const Arguments& in, EngineHandle& handle);

// register-methods.cc
napi_value RegRead(const Arguments& in, EngineHandle& handle);
napi_value RegReadRequest(const Arguments& in, EngineHandle& handle);
napi_value RegWrite(const Arguments& in, EngineHandle& handle);
napi_value RegReadBatch(const Arguments& in, EngineHandle& handle);
napi_value RegWriteBatch(const Arguments& in, EngineHandle& handle);
napi_value ContextSave(const Arguments& in, EngineHandle& handle);
napi_value ContextRestore(const Arguments& in, EngineHandle& handle);
napi_value ContextFree(const Arguments& in, EngineHandle& handle);
napi_value ContextRegRead(const Arguments& in, EngineHandle& handle);
napi_value ContextRegWrite(const Arguments& in, EngineHandle& handle);
napi_value ContextBytes(const Arguments& in, EngineHandle& handle);
napi_value ContextPatch(const Arguments& in, EngineHandle& handle);
napi_value ContextSize(const Arguments& in, EngineHandle& handle);

// control-methods.cc
napi_value CtlRead(const Arguments& in, EngineHandle& handle);
napi_value CtlSetCpuModel(const Arguments& in, EngineHandle& handle);
napi_value CtlSetPageSize(const Arguments& in, EngineHandle& handle);
napi_value CtlUseExits(const Arguments& in, EngineHandle& handle);
napi_value CtlSetExits(const Arguments& in, EngineHandle& handle);
napi_value CtlGetExits(const Arguments& in, EngineHandle& handle);
napi_value CtlRequestCache(const Arguments& in, EngineHandle& handle);
napi_value CtlFlush(const Arguments& in, EngineHandle& handle);
napi_value CtlRemoveCache(const Arguments& in, EngineHandle& handle);

// memory-methods.cc
napi_value MemMap(const Arguments& in, EngineHandle& handle);
napi_value MemMapNative(const Arguments& in, EngineHandle& handle);
napi_value MemRenew(const Arguments& in, EngineHandle& handle);
napi_value MemMapPtr(const Arguments& in, EngineHandle& handle);
napi_value MemUnmap(const Arguments& in, EngineHandle& handle);
napi_value MemProtect(const Arguments& in, EngineHandle& handle);
napi_value MemRead(const Arguments& in, EngineHandle& handle);
napi_value MemWrite(const Arguments& in, EngineHandle& handle);
napi_value MemRegions(const Arguments& in, EngineHandle& handle);
napi_value MmioMap(const Arguments& in, EngineHandle& handle);

// run-methods.cc
napi_value HookAdd(const Arguments& in, EngineHandle& handle);
napi_value HookDel(const Arguments& in, EngineHandle& handle);
napi_value EmuStart(const Arguments& in, EngineHandle& handle);
napi_value EmuStop(const Arguments& in, EngineHandle& handle);
napi_value RunBudget(const Arguments& in, EngineHandle& handle);
napi_value RunProgress(const Arguments& in, EngineHandle& handle);
napi_value RunLimit(const Arguments& in, EngineHandle& handle);
napi_value RunAbort(const Arguments& in, EngineHandle& handle);
napi_value RunChecks(const Arguments& in, EngineHandle& handle);
napi_value UseFastStores(const Arguments& in, EngineHandle& handle);
napi_value MProfileBaseline(const Arguments& in, EngineHandle& handle);
napi_value MProfileClearExclusive(const Arguments& in, EngineHandle& handle);
napi_value MProfileDivide(const Arguments& in, EngineHandle& handle);
napi_value MProfileRead(const Arguments& in, EngineHandle& handle);
napi_value MProfileWrite(const Arguments& in, EngineHandle& handle);
napi_value CountRange(const Arguments& in, EngineHandle& handle);
napi_value CoverRange(const Arguments& in, EngineHandle& handle);
napi_value TraceRuns(const Arguments& in, EngineHandle& handle);

// riscv-methods.cc
napi_value RiscvListen(const Arguments& in, EngineHandle& handle);
napi_value RiscvLog(const Arguments& in, EngineHandle& handle);
napi_value RiscvInternalsUse(const Arguments& in, EngineHandle& handle);
napi_value RiscvCsrRead(const Arguments& in, EngineHandle& handle);
napi_value RiscvCsrWrite(const Arguments& in, EngineHandle& handle);
napi_value RiscvModeRead(const Arguments& in, EngineHandle& handle);
napi_value RiscvModeWrite(const Arguments& in, EngineHandle& handle);
napi_value RiscvPending(const Arguments& in, EngineHandle& handle);
napi_value RiscvFlush(const Arguments& in, EngineHandle& handle);
napi_value RiscvDoubleRead(const Arguments& in, EngineHandle& handle);
napi_value RiscvDoubleWrite(const Arguments& in, EngineHandle& handle);
napi_value RiscvWatch(const Arguments& in, EngineHandle& handle);

// stop-methods.cc
napi_value StopSet(const Arguments& in, EngineHandle& handle);
napi_value StopPass(const Arguments& in, EngineHandle& handle);
napi_value StopWatch(const Arguments& in, EngineHandle& handle);
napi_value StopUnwatch(const Arguments& in, EngineHandle& handle);

// guard-methods.cc
napi_value GuardMemory(const Arguments& in, EngineHandle& handle);
napi_value GuardRules(const Arguments& in, EngineHandle& handle);
napi_value GuardTake(const Arguments& in, EngineHandle& handle);
napi_value GuardFrames(const Arguments& in, EngineHandle& handle);

}  // namespace unicornjs
