import type { Isa } from '@fireball/contracts';
import { opcodes, type ImmediateKind, type Opcode, type OpName, type ValueType } from '@fireball/wasm';
import { signedExtension, unsignedExtension } from '../core/layout/analyses.js';
import * as arithmetic from '../core/layout/arithmetic.js';
import * as classes from '../core/layout/classes.js';
import * as immediates from '../core/layout/immediates.js';
import * as layout from '../core/layout/operations.js';
import type { Features } from '../features.js';
import type { LoadShape } from '../plan/family.js';
import { familyOf, isRoutine, recordOps, type SpecialOp } from '../plan/ops.js';
import { wordCount, wordsOf } from '../plan/words.js';
import { aluNumbers } from '../target/alu.js';
import { condNumbers } from '../target/numbers.js';

/** Of an operation that is a case of its own. */
const specialClasses: Readonly<Record<SpecialOp, number>> = {
  unreachable: classes.unreachable,
  nop: classes.nop,
  block: classes.block,
  loop: classes.loop,
  if: classes.ifThen,
  else: classes.elseThen,
  end: classes.end,
  br: classes.br,
  br_if: classes.brIf,
  br_table: classes.brTable,
  return: classes.returnResults,
  call: classes.call,
  call_indirect: classes.callIndirect,
  return_call: classes.returnCall,
  return_call_indirect: classes.returnCallIndirect,
  drop: classes.drop,
  select: classes.select,
  select_t: classes.select,
  'local.get': classes.localGet,
  'local.set': classes.localSet,
  'local.tee': classes.localTee,
  'global.get': classes.globalGet,
  'global.set': classes.globalSet,
  'memory.size': classes.size,
  'table.size': classes.size,
  'i32.const': classes.constant,
  'f32.const': classes.constant,
  'i64.const': classes.longConstant,
  'f64.const': classes.longConstant,
  'i32.eqz': classes.test,
  'ref.is_null': classes.test,
  'i32.rotl': classes.alu,
  'ref.null': classes.refNull,
  'ref.func': classes.refFunc,
  'data.drop': classes.dropSegment,
  'elem.drop': classes.dropSegment,
};

type Kind = Exclude<ReturnType<typeof familyOf>, { readonly kind: 'special' }>['kind'];

const familyClasses: Readonly<Record<Kind, number>> = {
  alu: classes.alu,
  compare: classes.compare,
  divide: classes.divide,
  unary: classes.unary,
  count: classes.numeric,
  load: classes.load,
  store: classes.store,
  pair: classes.numeric,
  float: classes.float,
  sign: classes.sign,
  reinterpretation: classes.numeric,
  record: classes.record,
  routine: classes.numeric,
};

const immediateKinds: Readonly<Record<ImmediateKind, number>> = {
  none: immediates.none,
  block: immediates.blockType,
  label: immediates.index,
  br_table: immediates.labels,
  func: immediates.index,
  type_table: immediates.indexPair,
  local: immediates.index,
  global: immediates.index,
  table: immediates.index,
  memarg: immediates.memarg,
  memory: immediates.oneByte,
  i32: immediates.word,
  i64: immediates.long,
  f32: immediates.wordBits,
  f64: immediates.longBits,
  select_types: immediates.types,
  ref_type: immediates.type,
  data: immediates.index,
  elem: immediates.index,
  data_memory: immediates.indexAndByte,
  memory_memory: immediates.twoBytes,
  elem_table: immediates.indexPair,
  table_table: immediates.indexPair,
};

/** Classes of instructions of which more is known than goes into one record. */
const haveRest: ReadonlySet<number> = new Set([
  classes.block,
  classes.loop,
  classes.ifThen,
  classes.brTable,
  classes.call,
  classes.callIndirect,
  classes.returnCall,
  classes.returnCallIndirect,
  classes.longConstant,
  classes.record,
  classes.globalGet,
  classes.globalSet,
  classes.size,
  classes.dropSegment,
]);

/** The number by which the core calls an operation. */
export function numberOf({ code }: Opcode): number {
  return code < 0x100 ? code : layout.firstPrefixed + (code & 0xff);
}

const opcodeOfNumber: (Opcode | undefined)[] = [];
for (const opcode of opcodes) opcodeOfNumber[numberOf(opcode)] = opcode;

/** The operation of that number, which is one. */
export function operationOf(number: number): Opcode {
  return opcodeOfNumber[number]!;
}

/** Operations on signs. */
export const signNumbers = { abs: arithmetic.abs, neg: arithmetic.neg, copysign: arithmetic.copysign } as const;

/** What the first walk makes of an operation that is no case of its own. */
interface Details {
  readonly detail?: number;
  readonly taken?: number;
  readonly result?: number;
}

function detailsOf({ name, signature }: Opcode): Details {
  const family = familyOf(name);
  switch (family.kind) {
    case 'special':
      return name === 'i32.rotl' ? { detail: arithmetic.rotr } : {};
    case 'alu':
      return { detail: aluNumbers[family.op] };
    case 'compare':
      return { detail: condNumbers[family.cond] };
    case 'load':
      return { detail: family.shape.width, result: loadResult(family.shape) };
    case 'store':
      return { detail: family.shape.width, taken: family.shape.words };
    case 'sign':
      return {
        detail: signNumbers[family.operation.op],
        taken: (family.operation.op === 'copysign' ? 2 : 1) * wordsOf(family.operation.type),
        result: resultOfTypes([family.operation.type]),
      };
    case 'record':
      return { taken: recordOps[family.op].operands, result: resultOfTypes(recordOps[family.op].results) };
    case 'divide':
    case 'unary':
      return {};
    case 'count':
    case 'pair':
    case 'float':
    case 'reinterpretation':
    case 'routine':
      return { taken: wordCount(signature!.params), result: resultOfTypes(signature!.results) };
  }
}

function resultOfTypes([type]: readonly ValueType[]): number {
  if (type === undefined) return layout.noResult;
  return wordsOf(type) === 2 ? layout.pair : layout.word;
}

function loadResult({ accesses, extend, max }: LoadShape): number {
  if (accesses.length === 2 || extend === 'signed') return layout.pair;
  const isExtended = extend === 'unsigned';
  if (max === 0xff) return isExtended ? layout.extendedByte : layout.byte;
  if (max === 0xffff) return isExtended ? layout.extendedHalf : layout.half;
  return isExtended ? layout.extendedWord : layout.word;
}

const ways: Readonly<Record<Isa, WeakMap<Features, Uint8Array>>> = { thumb2: new WeakMap(), rv32: new WeakMap() };

/** How each operation is carried out on a core, by its number. */
export function waysOf(isa: Isa, features: Features): Uint8Array {
  let found = ways[isa].get(features);
  if (found === undefined) {
    found = new Uint8Array(layout.operationCount);
    for (const opcode of opcodes) found[numberOf(opcode)] = wayOf(opcode.name, isa, features);
    ways[isa].set(features, found);
  }
  return found;
}

function wayOf(op: OpName, isa: Isa, features: Features): number {
  if (isRoutine(op, isa, features, true)) return layout.routine;
  if (isRoutine(op, isa, features, false)) return layout.routineOfVariable;
  const family = familyOf(op);
  return family.kind === 'float' && family.operation.kind === 'truncate' && !family.operation.saturating ? layout.trapping : layout.inline;
}

/** Writes what is the same for all functions. */
export function writeOperations({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  const bytes = new Uint8Array(buffer);
  for (const opcode of opcodes) {
    bytes[layout.classOf + numberOf(opcode)] = classOf(opcode.name);
    bytes[layout.immediatesOf + numberOf(opcode)] = immediateKinds[opcode.immediates] | (haveRest.has(classOf(opcode.name)) ? immediates.withRest : 0);
    bytes[layout.extensionsOf + numberOf(opcode)] = extensionsOf(opcode.name);
    const { detail = 0, taken = 0, result = layout.noResult } = detailsOf(opcode);
    bytes[layout.detailOf + numberOf(opcode)] = detail;
    bytes[layout.takenBy + numberOf(opcode)] = taken;
    bytes[layout.resultOf + numberOf(opcode)] = result;
  }
}

function classOf(op: OpName): number {
  const family = familyOf(op);
  return family.kind === 'special' ? specialClasses[family.op] : familyClasses[family.kind];
}

/** How the upper word of an i64 that the operation makes follows from the lower one: bits, all that are true. */
function extensionsOf(op: OpName): number {
  const family = familyOf(op);
  if (family.kind === 'pair' && family.operation.kind === 'extend') return family.operation.signed ? signedExtension : unsignedExtension;
  if (family.kind !== 'load' || family.shape.extend === undefined) return 0;
  if (family.shape.extend === 'signed') return signedExtension;
  return family.shape.width < 4 ? signedExtension | unsignedExtension : unsignedExtension;
}
