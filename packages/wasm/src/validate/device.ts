/** The core of validation for a device: what its memory has before the first module, and where C, which writes modules there, finds what. */
import * as layout from '../core/layout/addresses.js';
import { isFull } from '../core/layout/common.js';
import * as rows from '../core/layout/rows.js';
import * as types from '../core/layout/types.js';
import { decodeModule } from '../decoder.js';
import type { WasmModule } from '../module.js';
import { jumpsProgram, writeTables } from './core.js';

/** The core as a module, which exports `reset`, `allocate` and `validateBodies`. */
export function validationModule(): WasmModule {
  return decodeModule(jumpsProgram.bytes);
}

/** The contents of its memory, from address 0 on. */
export function validationContents(): Uint8Array {
  const core = jumpsProgram.instantiate();
  writeTables(core);
  return new Uint8Array(core.memory.buffer).slice(0, layout.heapStart);
}

/** Addresses in its memory, fields and numbers. */
export const validationDefinitions: Readonly<Record<string, number>> = {
  MODULE_BYTES: layout.moduleBytes,
  TYPE_COUNT: layout.typeCount,
  FUNCTION_COUNT: layout.functionCount,
  FUNCTION_SIGNATURES: layout.functionSignatures,
  DECLARED_FUNCTIONS: layout.declaredFunctions,
  GLOBAL_COUNT: layout.globalCount,
  GLOBAL_TYPES: layout.globalTypes,
  MUTABLE_TYPES: layout.mutableTypes,
  TABLE_COUNT: layout.tableCount,
  TABLE_TYPES: layout.tableTypes,
  ELEMENT_COUNT: layout.elementCount,
  ELEMENT_TYPES: layout.elementTypes,
  DATA_COUNT: layout.dataCount,
  WITHOUT_MEMORY: layout.withoutMemory,
  SIGNATURES: layout.signatures,
  LISTS: layout.lists,
  BODIES: layout.bodies,
  STACK: layout.stack,
  STACK_END: layout.stackEnd,
  WANTED_JUMPS: layout.wantedJumps,
  ALL_JUMPS_AND_LOOPS: layout.allJumpsAndLoops,
  IS_REFUSED: layout.isRefused,
  REFUSED_AT: layout.refusedAt,
  IS_FULL: isFull,
  JUMPS: layout.jumps,
  BODY_STRIDE: layout.bodyStride,
  DECLARATIONS_FIELD: layout.declarationsField,
  START_FIELD: layout.startField,
  END_FIELD: layout.endField,
  TYPE_FIELD: layout.typeField,
  JUMPS_FIELD: layout.jumpsField,
  HEIGHT_FIELD: layout.heightField,
  FLAGS_FIELD: layout.flagsField,
  HAS_MEMORY_GROW: layout.hasMemoryGrow,
  HAS_LONG_IMMEDIATES: layout.hasLongImmediates,
  HAS_WIDE_VALUES: layout.hasWideValues,
  JUMP_COLUMNS: rows.jumpColumns,
  JUMP_TO: rows.jumpTo,
  JUMP_NEXT: rows.jumpNext,
  JUMP_DROPPED: rows.jumpDropped,
  JUMP_KEPT: rows.jumpKept,
  LOOP_ARRIVAL: rows.loopArrival >>> 0,
  FUNCREF: types.funcrefType,
  EXTERNREF: types.externrefType,
  EMPTY_LIST: types.emptyList,
  LAST_SINGLE: types.lastSingle,
  FIRST_TYPE_SIGNATURE: types.firstTypeSignature,
};
