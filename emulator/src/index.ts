export { exceptionNumber } from './arm/exceptions.js';
export { boardNames, loadBoard, parseBoard, type LoadedBoard } from './board-file.js';
export { CpuPool, createCpu } from './backend.js';
export { knownCpus } from './cores.js';
export { CodeTable, type PlacedInstruction } from './cycles/code-table.js';
export { cycleCores, type CycleCore, type Occupancy } from './cycles/cores.js';
export { CycleEstimate, type CycleCounts } from './cycles/estimate.js';
export { ExecutionCounts } from './execution-counts.js';
export type { TraceSink } from './run-trace.js';
export { EventLog, type LoggedEvent } from './debug/event-log.js';
export { MachineTarget } from './debug/machine-target.js';
export { UserWrites } from './debug/user-writes.js';
export { allDeviceClasses } from './devices/index.js';
export { MemoryMapError } from './errors.js';
export type { MapProblem } from './errors.js';
export type { Board, BoardDevice, BoardMemory, BoardProcessor, CpuInput } from './machine/board.js';
export type {
  AccessSize,
  BusMaster,
  Device,
  DeviceClass,
  DeviceEnvironment,
  DeviceParameter,
  DeviceTreeNode,
  MemoryWriteHandler,
  ResetCause,
  SerialPort,
} from './machine/device.js';
export { Semihosting, type SavedStream, type SemihostingOptions, type SemihostingState, type Stream } from './semihosting/semihosting.js';
export { createProcessor, machineCores, type MachineCore } from './machine/cores.js';
export type { MachineEnd } from './machine/machine-end.js';
export { Machine, type MachineOptions } from './machine/machine.js';
export { PagePool, restorePages, savePages, type MemoryPages } from './machine/memory-pages.js';
export type { UnmappedListener } from './machine/background.js';
export { Recent, type AccessObserver } from './machine/history.js';
export type { MachineSnapshot, MachineState, SnapshotPart } from './machine/snapshot.js';
export type {
  DebuggerStop,
  ExceptionListener,
  InterruptState,
  Processor,
  ProcessorEnd,
  ProcessorEnvironment,
  RomWriteHandler,
  SemihostingHandler,
} from './machine/processor.js';
export type { SerialLink } from './machine/serial-link.js';
export type { ClocksState } from './machine/clocks.js';
export type { Flow as InstructionFlow, Instruction, Work as InstructionWork } from './cycles/instruction.js';
export type { MemoryRegion, Observation, PlacedDevice } from './machine/bus.js';
export type { PredictorSizes } from './cycles/predictor.js';
export type { TimelineState } from './machine/timeline.js';
