export { chartOf } from './acceptance/chart.js';
export {
  criteriaOf,
  latencyChange,
  latencyOf,
  memoryOf,
  speedupOf,
  warmUpChange,
  type Criterion,
  type Latency,
  type Measurement,
} from './acceptance/criteria.js';
export { measureCoreArrangements, type CoreArrangement, type CoreArrangements } from './acceptance/core-arrangements.js';
export { acceptancePage, chartFile, criteriaTable } from './acceptance/page.js';
export { measureSeries, type ArrangedSeries, type MemorySample, type Series } from './acceptance/series.js';
export { measureArrangements } from './acceptance/shares.js';
export { loadWorkloads, type Workload } from './acceptance/workloads.js';
export { cells, circle, crowded, formatBudgetSection, measureBudgets, words, type BudgetProgram, type BudgetRow } from './budget.js';
export { compileCells, formatCompileSection, measureCompilation, type CompileRow } from './compile-speed.js';
export {
  formatCoreSection,
  instructionsToCode,
  measureCore,
  profileCore,
  type CoreFacts,
  type CoreMeasurements,
  type CorePhase,
  type CoreRow,
} from './core-compile.js';
export { formatCoreSizesSection, measureCoreSizes, type CoreSizes } from './core-sizes.js';
export { measureQuality, type KernelSet, type QualityRow } from './core-quality.js';
export { measureWhole, type WholeModule } from './core-whole.js';
export { BareCall, type CallStart } from './cpus/bare-call.js';
export { measureCpu, type CpuRow } from './cpus/measure.js';
export { cpuCells, cpuColumns, formatCpuSection, type CpuComparison } from './cpus/page.js';
export { badlyPredicted, cyclesPerWasm, formatCycleSection, pairsByCore, type CyclePair } from './cycles-page.js';
export { measureCycles, type CycleRow, type CycleTier } from './cycles.js';
export { measureHistory, runHistory, type HistoryRun, type HistoryTimes } from './debug/history-run.js';
export { measureFrontEnds, type FrontEndCost } from './debug/front-ends.js';
export { debugCells, formatDebugSection, formatDebugTimes, frontEndCells, frontEndColumns, type DebugCosts, type DebugTimes } from './debug/page.js';
export { measurePageTimes, type PageTimes } from './debug/page-times.js';
export { measureRemoteSteps, type RemoteSteps } from './debug/remote-steps.js';
export { measureStops, type StopsTimes } from './debug/stops-run.js';
export { formatDeviceSection, measureDevice, type DeviceFacts, type DeviceInput, type DeviceMeasurements, type DeviceRow } from './device-compile.js';
export { BareLoop } from './emulate/bare-loop.js';
export { bootSeconds } from './emulate/boot.js';
export { benchImages, type BenchImage } from './emulate/images.js';
export { runImage, type ImageRun } from './emulate/machine-run.js';
export { measureImage, type EmulateRow, type Emulator } from './emulate/measure.js';
export { emulateCells, emulateColumns, formatEmulateSection, formatEmulateTimes } from './emulate/page.js';
export { findPackagedModules, formatModulesSection, hostEnvironment, measureModule, type ModuleRow, type NamedModule } from './modules.js';
export { refreshPage } from './page.js';
export { formatSection, formatWideSection, meanRatio, type BenchRow, type Measurements, type MissingRow } from './performance-page.js';
export type { Timed } from './emulate/timed.js';
