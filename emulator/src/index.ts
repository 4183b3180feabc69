export { createCpu } from './backend.js';
export { knownCpus } from './cores.js';
export { MemoryMapError } from './errors.js';
export type { MapProblem } from './errors.js';
