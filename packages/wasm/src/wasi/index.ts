export { InputAwaited, ProgramExit } from './call.js';
export { errno, errnoOfCode, WasiError, type ErrnoName } from './errno.js';
export type { Content, FileStore, StoreEntry, StoreListing, StorePath, StoreTimes } from './files/store.js';
export { Volume, type VolumeOptions } from './files/volume.js';
export { ConsoleError, type PreopenedFolder, type WasiHost } from './host.js';
export { seededBytes } from './random.js';
export { linkWasi, wasiFunctionTypes, wasiModules, type WasiFunction } from './wasi.js';
