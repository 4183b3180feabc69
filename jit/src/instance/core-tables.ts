import { roles, rolesStride } from '../core/layout/allocation.js';
import { families, familyStride } from '../core/layout/families.js';
import { classOf, extensionsOf, operationCount, wayOf } from '../core/layout/operations.js';
import { checksums } from '../core/layout/placing.js';
import { targetNumbers } from './roles.js';

/** A part of a core's memory. */
export interface CoreTable {
  readonly begin: number;
  readonly end: number;
}

const table = (begin: number, bytes: number): CoreTable => ({ begin, end: begin + bytes });

/** Where in a core's memory `prepareCore` writes what no function changes: on a device these would lie in flash. */
export const coreTables: readonly CoreTable[] = [
  { begin: classOf, end: wayOf },
  table(extensionsOf, operationCount),
  table(families, familyStride * operationCount),
  table(roles, rolesStride * Object.keys(targetNumbers).length),
  table(checksums, 4 * 256),
];
