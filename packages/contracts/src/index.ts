export * from './units.js';
export * from './errors.js';
export * from './cpu.js';
export * from './text.js';
export { nearest, unknownName } from './nearest.js';
export * from './tables.js';
export * from './system-errors.js';
export * from './input-file.js';
export * from './output-file.js';
