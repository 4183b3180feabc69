import { portableMemory } from '@fireball/wasm';
import * as core from '../core/index.js';
import { prepareCore, type Core } from '../instance/core.js';

/** The core as plain TypeScript: the same sources, which a debugger and coverage see. */
export const portableCore: Core = { memory: portableMemory, ...core };

prepareCore(portableCore);
