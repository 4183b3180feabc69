export { ProgramExit } from './call.js';
export { errno, type Errno } from './errno.js';
export { clockIds, ConsoleError, type ClockId, type WasiHost } from './host.js';
export { seededBytes } from './random.js';
export { linkWasi, wasiFunctionNames, wasiModule, type WasiFunction } from './wasi.js';
