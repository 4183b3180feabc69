export * from './units.js';
export * from './errors.js';
export * from './cpu.js';
export * from './text.js';
export { unknownName } from './nearest.js';
export * from './tables.js';
