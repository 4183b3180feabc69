export { History, type BackStop, type HistoryOptions, type Writer } from './session/history.js';
export { GdbServer, type GdbServerOptions, type ServerAddress, type ServerEnd } from './gdb/server.js';
export { ProgramDescriber, type SourceName } from './gdb/program/program.js';
export type { HostFile } from './gdb/host-files.js';
export { Session, type PartingPoint, type PartingStop, type SessionStop, type Unit, type WatchedValue } from './session/session.js';
export type { Frame, InlinedLevel, PastState } from './session/frames.js';
export { formatWords, Values, type Variable } from './session/values.js';
export { evaluate, type Names } from './shell/expression.js';
export { Lockstep, type LockstepInputs } from './lockstep/lockstep.js';
export type { HeapSchedule } from './lockstep/agreement.js';
export type { Divergence, Executed, LockstepOutcome } from './lockstep/divergence.js';
export { describeWords, sameWords, type DifferenceKind, type ValueDifference, type Words } from './lockstep/differences.js';
export { FunctionCode, type PlacedBoundary, type PlacedCode, type WasmStep } from './lockstep/function-code.js';
export type { Heap, NativeBounds, NativeCall, NativeEnd, NativeMachine } from './lockstep/native-side.js';
export { nameOfFrame } from './shell/format.js';
export type { ExpressionValue } from './shell/expression.js';
export type { NumberFormat } from './shell/number-format.js';
export type { Scope } from './shell/scope.js';
export { Shell } from './shell/shell.js';
export { functionsNamed, type NamedFunction } from './session/function-names.js';
export { kindsOf, operationOf, operationsOf } from './session/templates.js';
export { Follower, type Followed, type Parting, type ReferenceState } from './trace/follower.js';
export { openReturnPlaces } from './unwind/return-place.js';
export { MachineTexts, type Disassembler } from './trace/machine-texts.js';
export { trace, type TraceEntry, type TraceFilter, type TraceSource } from './trace/trace.js';
export type { Breakpoint, BreakpointEvents, BreakpointOptions, CodePlace, Hit } from './session/breakpoints.js';
export type { Debuggee, Launcher } from './hub/debuggee.js';
export { Hub, type FrontEnd, type HubObserver } from './hub/hub.js';
export type { DebuggeeSource } from './dap/source.js';
export { DapServer, serveDapStreams } from './dap/serve.js';
export { codeOfFrame, type CodeOfFrame } from './view/code.js';
export { breakpointsIn, type BreakpointMark, type CodeMarks } from './view/code-marks.js';
export {
  rowsOf,
  type CodeRow,
  type FilledHole,
  type FunctionRows,
  type ListedCode,
  type MachineCell,
  type TemplateCell,
  type WasmCell,
} from './view/code-rows.js';
export type { SourcePlace } from './sources/source-lines.js';
export { sourceVariables, type SourceVariable } from './view/source-variables.js';
export { sourceView, type LineStops, type SourceView } from './view/source-view.js';
export { goToParting } from './view/parting.js';
export { devicesOf, valueOfField, valueOfRegister, type Device, type NamedRegister } from './session/devices.js';
export type { DisassembledRow } from './view/disassembly.js';
