/** The core for firmware: the module, what its memory has before the first function, and where who calls it finds what is in there. */
import { readFileSync } from 'node:fs';
import { MissingPartError, type Isa } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as body from '../core/layout/body.js';
import { heapStart } from '../core/layout/blocks.js';
import { loop } from '../core/layout/classes.js';
import * as environment from '../core/layout/environment.js';
import * as functionLayout from '../core/layout/function.js';
import { keepsOrigins } from '../core/layout/masm.js';
import * as module from '../core/layout/module.js';
import * as placing from '../core/layout/placing.js';
import * as walk from '../core/layout/walk.js';
import type { Features } from '../features.js';
import type { TemplateSet } from '../templates/index.js';
import type { CompilerName, MisalignedAccess } from '../environment.js';
import { newCore, wordsIn } from './core.js';
import { writeWays } from './function.js';
import { placerOf } from './placer.js';
import { targetNumbers } from './roles.js';

/** The same from src and from dist. */
const firmware = new URL('../../firmware/', import.meta.url);

/** The core as a module that is one compiler for one target only, and function by function only. Its memory is laid out as that of any other. */
export function firmwareModule(isa: Isa, compiler: CompilerName = 'optimizing'): Uint8Array {
  const file = `${isa}${compiler === 'baseline' ? '-baseline' : ''}.wasm`;
  try {
    return new Uint8Array(readFileSync(new URL(file, firmware)));
  } catch (error) {
    throw new MissingPartError(`the compiler for firmware, jit/firmware/${file}`, 'restore the file, or type: pnpm core:build', { cause: error });
  }
}

/** The contents of a core's memory, from address 0 on, that is ready for functions for a processor with these features. */
export function coreContents(templates: TemplateSet, features: Features, misaligned: MisalignedAccess, compiler: CompilerName = 'optimizing'): Uint8Array {
  const core = newCore();
  const { isa } = templates;
  const placer = placerOf(core);
  placer.prepareAlone(templates, features);
  writeWays(core, { isa, features });
  const words = wordsIn(core);
  words[keepsOrigins >> 2] = 0;
  words[functionLayout.target >> 2] = targetNumbers[isa];
  words[environment.isBaseline >> 2] = Number(compiler === 'baseline');
  words[environment.splitsMisaligned >> 2] = Number(misaligned === 'split');
  words[placing.features >> 2] = placer.featureBits(features);
  return new Uint8Array(core.memory.buffer).slice(0, words[placing.functionHeap >> 2]);
}

/** Addresses in the core's memory, and distances of fields and rows there: C knows them by name and number, and gets the values with each core. */
export const coreDefinitions: Readonly<Record<string, number>> = {
  HEAP_START: heapStart,
  MODULE_END: module.moduleEnd,
  FUNCTION_ROWS: module.functionRows,
  TYPE_ROWS: module.typeRows,
  GLOBAL_ROWS: module.globalRows,
  TABLE_ROWS: module.tableRows,
  EMPTY_SIGNATURE: module.emptySignature,
  WORD_SIGNATURE: module.wordSignature,
  PAIR_SIGNATURE: module.pairSignature,
  HAS_MEMORY: functionLayout.hasMemory,
  MEMORY_BASE: functionLayout.memoryBase,
  HAS_BYTES: functionLayout.hasBytes,
  LAST_BYTE: functionLayout.lastByte,
  IS_FIXED: functionLayout.isFixed,
  BOUNDS_ROUTINE: environment.boundsRoutine,
  MEMORY_RECORD: environment.memoryRecord,
  PAGE_SHIFT: environment.pageShift,
  RESULT_BUFFER: environment.resultBuffer,
  STACK_LIMIT: environment.stackLimit,
  FAR_ROUTINES: environment.farRoutines,
  MODULE_WORDS: environment.moduleWords,
  ASKED: environment.asked,
  FAILED_AT: environment.failedAt,
  OPERATION_FIELD: body.askedOperationField,
  A_FIELD: body.aField,
  B_FIELD: body.bField,
  OFFSET_FIELD: body.offsetField,
  ADDRESS_FIELD: body.addressField,
  CLASS_FIELD: body.classField,
  LOOP_CLASS: loop,
  RECORDS: body.records,
  RECORD_COUNT: body.recordCount,
  RECORD_STRIDE: body.recordStride,
  ENTERED_LOOPS: functionLayout.enteredLoops,
  ENTERED_COUNT: functionLayout.enteredCount,
  IS_BASELINE: environment.isBaseline,
  HEADERS: walk.loopHeaders,
  HEADERS_END: walk.loopHeaders + usedField,
  HEADER_INDEX: walk.headerIndex,
  HEADER_ENTRY: walk.headerEntry,
  HEADER_STRIDE: walk.headerStride,
  ENTRIES: placing.entries,
  ENTRY_COUNT: placing.entryCount,
  CODE: placing.code,
  CODE_SIZE: placing.codeSize,
};
