import { allocate, reset, validateBodies } from '../core/bodies.js';
import { portableMemory } from '../core/memory.js';
import { writeTables, type Core } from '../validate/core.js';

/** The core as plain TypeScript: the same sources, which a debugger and coverage see. */
export const portableCore: Core = { memory: portableMemory, reset, allocate, validateBodies };

writeTables(portableCore);
