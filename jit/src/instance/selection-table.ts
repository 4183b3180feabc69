import { opcodes } from '@fireball/wasm';
import * as layout from '../core/layout/families.js';
import type { LoadShape, PairOperation, StoreShape } from '../plan/family.js';
import type { FloatOperation } from '../plan/floats.js';
import { familyOf } from '../plan/ops.js';
import { aluNumbers } from '../target/alu.js';
import { accessNumbers, binaryNumbers, condNumbers, divideNumbers, floatCondNumbers, roundingNumbers, typeNumbers, unaryNumbers } from '../target/numbers.js';
import { numberOf, signNumbers } from './operations.js';

/** Writes how selection carries out each operation. */
export function writeFamilies({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  const bytes = new Uint8Array(buffer);
  for (const opcode of opcodes) bytes.set(rowOf(familyOf(opcode.name)), layout.families + layout.familyStride * numberOf(opcode));
}

/** The family, and what it says. */
function rowOf(family: ReturnType<typeof familyOf>): readonly number[] {
  switch (family.kind) {
    case 'alu':
      return [layout.aluFamily, aluNumbers[family.op]];
    case 'compare':
      return [layout.compareFamily, condNumbers[family.cond]];
    case 'divide':
      return [layout.divideFamily, divideNumbers[family.op]];
    case 'unary':
      return [layout.unaryFamily, unaryNumbers[family.op]];
    case 'count':
      return [layout.countFamily, unaryNumbers[family.op]];
    case 'load':
      return [layout.loadFamily, ...accessesOf(family.shape), extensionNumbers[family.shape.extend ?? 'none']];
    case 'store':
      return [layout.storeFamily, ...accessesOf(family.shape), family.shape.words];
    case 'pair':
      return [layout.pairFamily, ...pairDetails(family.operation)];
    case 'float':
      return [layout.floatFamily, ...floatDetails(family.operation)];
    case 'sign':
      return [layout.signFamily, signNumbers[family.operation.op], typeNumbers[family.operation.type]];
    case 'reinterpretation':
      return [layout.reinterpretFamily];
    case 'routine':
      return [layout.routineFamily];
    case 'record':
      return [layout.recordFamily];
    case 'special':
      return [layout.specialFamily];
  }
}

const extensionNumbers = { none: layout.notExtended, signed: layout.signExtended, unsigned: layout.zeroExtended } as const;

function accessesOf({ accesses: [first, second] }: LoadShape | StoreShape): readonly number[] {
  return [accessNumbers[first!], second === undefined ? layout.noAccess : accessNumbers[second]];
}

function pairDetails(operation: PairOperation): readonly number[] {
  switch (operation.kind) {
    case 'add':
      return [layout.pairAdd, aluNumbers[operation.op]];
    case 'logic':
      return [layout.pairLogic, aluNumbers[operation.op]];
    case 'multiply':
      return [layout.pairMultiply];
    case 'shift':
      return [layout.pairShift, aluNumbers[operation.op]];
    case 'rotate':
      return [layout.pairRotate, operation.op === 'rotl' ? layout.rotateLeft : layout.rotateRight];
    case 'equality':
      return [layout.pairEquality, condNumbers[operation.op]];
    case 'eqz':
      return [layout.pairEqz];
    case 'compare':
      return [layout.pairCompare, condNumbers[operation.op]];
    case 'wrap':
      return [layout.pairWrap];
    case 'extend':
      return [layout.pairExtend, operation.signed ? 1 : 0, operandOf(operation.narrow)];
  }
}

function operandOf(narrow: (PairOperation & { readonly kind: 'extend' })['narrow']): number {
  if (narrow === undefined) return layout.ofWord;
  return narrow === 'none' ? layout.ofPair : unaryNumbers[narrow];
}

function floatDetails(operation: FloatOperation): readonly number[] {
  const type = typeNumbers[operation.type];
  switch (operation.kind) {
    case 'binary':
      return [layout.floatBinary, type, binaryNumbers[operation.op]];
    case 'sqrt':
      return [layout.floatSqrt, type];
    case 'round':
      return [layout.floatRound, type, roundingNumbers[operation.op]];
    case 'compare':
      return [layout.floatCompare, type, floatCondNumbers[operation.cond] | (operation.holds ? 0 : layout.fails)];
    case 'convert':
      return [layout.floatConvert, type, operation.signed ? layout.isSigned : 0];
    case 'truncate':
      return [layout.floatTruncate, type, (operation.signed ? layout.isSigned : 0) | (operation.saturating ? layout.isSaturating : 0)];
    case 'precision':
      return [layout.floatPrecision, type];
  }
}
