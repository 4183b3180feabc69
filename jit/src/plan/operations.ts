import { InternalError } from '@fireball/contracts';
import { opcodeByName } from '@fireball/wasm';
import type { Cond } from '../target/conditions.js';
import type { AluOp } from '../target/macro-assembler.js';
import type { Instruction } from './body.js';
import { signBit, type FloatOperation, type SignOperation } from './floats.js';
import type { LoadShape, RecordShape, StoreShape } from './family.js';
import { isRoutine } from './ops.js';
import { conditionOf, negated, testOf } from './tests.js';
import { bound, commutes, isPowerOfTwo, resultBound, smear, unknown, unknownHigh } from './symbols.js';
import type { Walk } from './walk.js';
import { wordCount, wordsOf } from './words.js';

export function planAlu(walk: Walk, op: AluOp, index: number): void {
  const { masm, weights } = walk;
  const b = walk.pop();
  const a = walk.pop();
  const constant = b.kind === 'const' ? b : a.kind === 'const' ? a : undefined;
  const other = constant === b ? a : b;
  if ((op === 'add' || (op === 'sub' && b.kind === 'const')) && constant !== undefined && other.kind !== 'const') {
    const c = op === 'add' ? constant.value : -constant.value;
    walk.push({ ...other, c: (other.c + c) | 0 });
    return;
  }
  if (op === 'and' && constant !== undefined && (smear(bound(other)) & ~constant.value) === 0) {
    walk.foregone.masks.add(index);
    walk.push(other);
    return;
  }
  if (op === 'and' && constant !== undefined) walk.planInterval(index, constant.value, other);
  if ((op === 'shl' || op === 'shr_s' || op === 'shr_u') && bound(b) < 32) walk.foregone.shiftMasks.add(index);
  if (constant !== undefined && other.kind !== 'const') {
    const reverse = op === 'sub' && constant === a;
    const shiftByConst = op === 'mul' && isPowerOfTwo(constant.value);
    if (reverse) {
      if (!masm.fitsReverse(constant.value)) weights.needConst(constant.value);
    } else if (!shiftByConst && (constant === b || commutes(op))) weights.useConst(constant, op);
    else if (!shiftByConst) weights.needConst(constant.value);
  }
  weights.settle(a);
  weights.settle(b);
  walk.push({ kind: 'value', max: resultBound(op, a, b), c: 0 });
}

export function planCompare(walk: Walk, cond: Cond): void {
  const { weights } = walk;
  const b = walk.pop();
  const a = walk.pop();
  const test = testOf(cond, a, b);
  if (a.kind === 'const') weights.useConst(a, 'compare');
  else weights.useConst(b, 'compare');
  weights.settle(a);
  weights.settle(b);
  walk.push({ kind: 'value', max: 1, c: 0, test });
}

/** A comparison of one word with 0. */
export function planTest(walk: Walk): void {
  const operand = walk.pop();
  walk.weights.settle(operand);
  const test = conditionOf(operand);
  walk.push({ kind: 'value', max: 1, c: 0, test: test && negated(test) });
}

export function planDivide(walk: Walk): void {
  const { weights } = walk;
  const b = walk.pop();
  const a = walk.pop();
  if (a.kind === 'const') weights.needConst(a.value);
  if (b.kind === 'const') weights.needConst(b.value);
  if (b.kind !== 'const' || b.value === 0 || b.value === -1) walk.accesses.close();
  walk.push(unknown);
}

export function planSelect(walk: Walk): void {
  const { weights } = walk;
  weights.settle(walk.pop());
  const b = walk.pop();
  if (b.high) {
    for (let word = 0; word < 3; word++) walk.pop();
    walk.push(unknown);
    walk.push(unknownHigh);
    return;
  }
  const a = walk.pop();
  weights.useConst(a, 'move');
  weights.useConst(b, 'move');
  walk.push({ kind: 'value', max: Math.max(bound(a), bound(b)), c: 0 });
}

/** Pair operations and runtime routines: operands in registers, results unknown. */
export function planNumeric(walk: Walk, insn: Instruction, index: number, float?: FloatOperation): void {
  const { masm, weights } = walk;
  const { signature } = opcodeByName(insn.op);
  if (signature === undefined) throw new InternalError(`${insn.op} has no signature`);
  const isCall = isRoutine(insn.op, masm.isa, masm.features, walk.peek(1)?.kind === 'const');
  for (let word = wordCount(signature.params); word > 0; word--) {
    const operand = walk.pop();
    if (float !== undefined && !isCall) weights.useInRegister(operand);
    else weights.settle(operand);
  }
  walk.pushTypes(signature.results);
  if (isCall) walk.routineCall(index);
  else if (float?.kind === 'truncate' && !float.saturating) walk.accesses.close();
}

export function planSign(walk: Walk, { op, type }: SignOperation): void {
  const { masm, weights } = walk;
  if (op !== 'abs' && !masm.fitsImmediate('xor', signBit)) weights.needConst(signBit);
  for (let words = (op === 'copysign' ? 2 : 1) * wordsOf(type); words > 0; words--) weights.settle(walk.pop());
  walk.pushTypes([type]);
}

export function planRecordOperation(walk: Walk, index: number, { operands, results }: RecordShape): void {
  for (let word = 0; word < operands; word++) walk.pop();
  walk.pushTypes(results);
  walk.routineCall(index);
}

export function planLoad(walk: Walk, insn: Instruction, index: number, { accesses, extend, width, max }: LoadShape): void {
  planAccess(walk, insn, index, width);
  walk.push({ kind: 'value', max, c: 0 });
  if (accesses.length === 2 || extend === 'signed') walk.push(unknownHigh);
  else if (extend === 'unsigned') walk.push({ kind: 'const', value: 0, high: true });
}

export function planStore(walk: Walk, insn: Instruction, index: number, { words, width }: StoreShape): void {
  for (let word = 0; word < words; word++) walk.weights.useInRegister(walk.pop());
  planAccess(walk, insn, index, width);
  walk.accesses.close();
}

function planAccess(walk: Walk, insn: Instruction, index: number, width: number): void {
  const address = walk.pop();
  walk.becomesCode();
  walk.accesses.add({ index, wasmOffset: insn.offset, address, isCurrent: walk.isCurrent(address), offset: insn.b, width });
}
