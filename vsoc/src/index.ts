export { createVsoc, Vsoc, type VsocOptions } from './vsoc.js';
export { StartTrap, VsocInstance, type CallOutcome, type CallStatistics } from './instance.js';
export { blockBytes, CodeMemory, lineBytes, type CodeMemoryFaults, type ExecutableRegion, type WritableRegion } from './code-memory.js';
export { CodeMap, type CodeLocation, type InstalledFunction } from './code-map.js';
export { functionSource } from './source.js';
export { memoryMap } from './memory-map.js';
export type { VsocTrap } from './traps.js';
