export { createCpu } from './backend.js';
export { knownCpus } from './cores.js';
export { CodeTable, type PlacedInstruction } from './cycles/code-table.js';
export { cycleCores, type CycleCore } from './cycles/cores.js';
export { CycleEstimate, type CycleCounts } from './cycles/estimate.js';
export { MemoryMapError } from './errors.js';
export type { MapProblem } from './errors.js';
export { Semihosting, type SemihostingOptions } from './semihosting/semihosting.js';
export { createProcessor, machineCores, type MachineCore } from './machine/cores.js';
