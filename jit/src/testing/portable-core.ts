import { portableMemory } from '@fireball/wasm';
import * as core from '../core/index.js';
import type { Core, PlacingCore } from '../instance/core.js';
import { writeOperations } from '../instance/operations.js';
import { writeRoles } from '../instance/roles.js';

/** The core as plain TypeScript: the same sources, which a debugger and coverage see. */
export const portableCore: Core & PlacingCore = { memory: portableMemory, ...core };

writeOperations(portableMemory);
writeRoles(portableMemory);
