export type { Chip } from './chip/chip.js';
export { createVsoc } from './create-vsoc.js';
export { defaultStackBytes, Vsoc } from './vsoc.js';
export type { CallCounts, CallResult } from './runtime/calls.js';
export type { SafepointOptions } from './runtime/safepoints.js';
export type { Tier, VsocFaults, VsocOptions } from './vsoc-options.js';
export type { ProgramBytes } from './runtime/interpreter/program.js';
export { SteppedCall } from './runtime/stepping.js';
export { VsocInstance, type CallOutcome, type CallStatistics } from './runtime/instance/instance.js';
export {
  blockBytes,
  CodeMemory,
  CodeMemoryFullError,
  lineBytes,
  type CodeMemoryFaults,
  type ExecutableRegion,
  type InstalledCode,
  type WritableRegion,
} from './chip/code-memory.js';
export { CodeMap, type CodeLocation, type InstalledFunction } from './chip/code-map.js';
export type { PreparedCall, TypedInput } from './debug/prepared-call.js';
export { VsocTarget } from './debug/vsoc-target.js';
export { BareSystem, type BareSystemOptions } from './export/bare-system.js';
export { qemuMachineOf, qemuMachines, type QemuMachine } from './export/qemu.js';
export { boards, describeRange, layOutBoard, type Board, type BoardLayout, type LayoutOptions, type MemoryRange } from './export/board.js';
export type { CoreBoundsChecks } from './export/compiler-module.js';
export { buildCoreImage, coreImageRam, type CoreImage, type CoreImageOptions } from './export/core-image.js';
export { coreExecutable, coreHeader, coreObject, coreSource } from './export/core-files.js';
export { defaultCpu } from './chip/default-cpu.js';
export type { BareCall } from './export/descriptor.js';
export { compileOffline, offlineEnvironment, type OfflineCode, type OfflineEnvironment } from './export/offline.js';
export { memoryMap, type AddressMap, type Range as AddressRange } from './chip/memory-map.js';
export { loadRom, romTrapNumber, type RomImage } from './chip/rom.js';
export { Profile, type ProfileCounts, type ProfiledCode, type ProfiledSite, type ProfiledSystem } from './checks/profile.js';
export { SandboxViolationError, type SandboxOptions } from './checks/sandbox.js';
export { InstantiationTrap, type VsocTrap } from './runtime/traps.js';
export { codeWord } from './runtime/externs.js';
export type { VsocExtern, VsocFunction, VsocGlobal, VsocTable } from './runtime/externs.js';
export type { VsocMemory } from './runtime/linear-memory.js';
export type { VsocResolver } from './runtime/instance/index-spaces.js';
export { DeviceCore, type CoreDamage, type CoreFunction, type DeviceCoreOptions } from './tier/device-core.js';
export { DeviceExpander, totalCost, type ExpanderSizes, type Expansion, type ExpansionCost } from './tier/expander.js';
export { packedSet, type PackedSet } from './tier/packed-set.js';
export { ExpanderError, expanderErrors, type ExpanderErrorKind } from './tier/expander-error.js';
export type { HostCall } from './runtime/host-functions.js';
export type { VsocValue } from './runtime/values.js';
export { checkContracts, type ContractCheck } from './checks/effects/contracts.js';
export { FloatBank } from './checks/effects/float-bank.js';
export { instanceAddress, randomMemory, TemplateRunner, type Outcome, type TemplateState } from './checks/effects/runner.js';
export { enumChoices, randomInstance, randomState, type Random as RandomSource } from './checks/effects/states.js';
export { defaultMixedOptions, type MixedOptions } from './tier/mixed.js';
export type { SharedTime, WorkerPlacement } from './tier/worker-time.js';
export type { WorkerKind, WorkerPlace, WorkStep } from './tier/worker.js';
export { parseInjection, type InjectionPlan } from './tier/injection.js';
export { failureKinds, type FailureKind, type TierStatistics } from './tier/statistics.js';
export { JitControl, jitBuiltin, jitCounters, jitModule, jitStatus, type JitBuiltin } from './tier/jit-control.js';
export { Firmware, FirmwareFaultError, type FirmwareEnd, type FirmwareSystem } from './runtime/firmware/firmware.js';
export type { FirmwareHost, ServedSystem } from './runtime/firmware/system-calls.js';
export { firmwareErrors, systemCallNumbers, type SystemCallName } from './runtime/firmware/system-call-table.js';
export type { CodeImage } from './chip/code-image.js';
export type { ConstantData } from './runtime/instance/segments.js';
export type { InterruptOptions } from './checks/interrupts.js';
