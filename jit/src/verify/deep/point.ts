import { uncheckedFrameBytes, type AbiRegisters, type Contract, type Reg } from './abi.js';
import { anything, type Bound } from './bounds.js';
import { DeepVerifyError } from './errors.js';
import type { CodeFacts } from './facts.js';
import { resultsPerInstruction, type Origin, type State, type Symbols } from './state.js';
import type { Located } from './sweep.js';
import { constant, plus, type Value } from './values.js';

/** Kinds of proof, counted. */
export interface AccessCounts {
  stack: number;
  /** Constant addresses of globals, slots, records. */
  data: number;
  /** Constant address inside the minimal memory. */
  constant: number;
  /** The index cannot be too large. */
  range: number;
  /** A check before it, or the exact routine. */
  checked: number;
  /** Table elements and slots behind function references. */
  table: number;
  /** Without proof: indices that nothing bounds, where the module is trusted (`BoundsChecks`). */
  trusted: number;
}

/** What all steps of one function share. */
export interface Proof {
  readonly facts: CodeFacts;
  readonly abi: AbiRegisters;
  readonly symbols: Symbols;
  readonly counts: AccessCounts;
  /** sp on entry. */
  readonly entrySp: number;
  /** Symbols of registers on entry. */
  readonly entry: ReadonlyMap<Reg, number>;
  /** Address of the interpreter's frame that an OSR entry gets. */
  readonly osrFrame: number;
  /** Where a range was not enough; undefined where that is an error. */
  readonly unproven: DeepVerifyError[] | undefined;
}

/** One instruction about to be executed on what is known before it. */
export interface Point {
  readonly proof: Proof;
  readonly state: State;
  readonly located: Located;
}

export function fail({ located }: Point, problem: string): DeepVerifyError {
  return new DeepVerifyError(problem, located.offset, located.instruction.text);
}

/** What is known of a range does not suffice. */
export function refuse(point: Point, problem: string): void {
  const error = fail(point, problem);
  if (point.proof.unproven === undefined) throw error;
  point.proof.unproven.push(error);
}

export function nameOf({ proof }: Point, reg: Reg): string {
  const { firstFloat } = proof.abi;
  if (reg >= firstFloat) return `${proof.facts.isa === 'thumb2' ? 's' : 'f'}${reg - firstFloat}`;
  return proof.facts.isa === 'thumb2' ? (['sp', 'lr', 'pc'][reg - 13] ?? `r${reg}`) : `x${reg}`;
}

export function read(point: Point, reg: Reg): Value {
  if (reg === point.proof.abi.zero) return constant(0);
  const value = point.state.registers[reg];
  if (value === undefined) throw fail(point, `${nameOf(point, reg)} is read and holds nothing`);
  return value;
}

export function write(point: Point, reg: Reg, value: Value | undefined): void {
  const { abi } = point.proof;
  if (reg === abi.zero) return;
  if (reg === abi.sp) moveStack(point, value);
  else point.state.registers[reg] = value;
}

/** A new number, the `index`th that this instruction makes. */
export function fresh({ proof, state, located }: Point, index: number, bound: Bound = anything, origin?: Origin): Value {
  return state.define(proof.symbols.result(located.offset, index), bound, origin);
}

/** Index of the result of a conditional instruction: old or new value. */
export const conditionalResult = resultsPerInstruction - 1;

// --- the stack ------------------------------------------------------------------------------

/** sp now, as an offset from sp on entry. */
export function stackOffset(point: Point): number {
  const sp = read(point, point.proof.abi.sp);
  if (sp.symbol !== point.proof.entrySp) throw fail(point, 'sp is not the same on all paths to here');
  return sp.add | 0;
}

function moveStack(point: Point, value: Value | undefined): void {
  const { proof, state } = point;
  if (value?.symbol !== proof.entrySp) throw fail(point, 'sp is set to something that is not a distance from sp on entry');
  const offset = value.add | 0;
  if (offset % 4 !== 0) throw fail(point, 'sp is not a multiple of 4');
  if (offset > proof.facts.own.stackBytes) throw fail(point, 'sp moves above the stack arguments');
  const before = stackOffset(point);
  state.registers[proof.abi.sp] = value;
  if (offset < before) requireStack(point, offset, proof.facts.stackLimit - uncheckedFrameBytes);
  else state.slots.dropBelow(offset);
}

/** sp on entry + offset is at or above `limit`. */
export function requireStack(point: Point, offset: number, limit: number): void {
  const { state, proof } = point;
  const { lo } = state.boundOf(plus({ symbol: proof.entrySp, add: 0 }, offset));
  if (lo < limit) throw fail(point, 'no stack check covers this');
}

/** A word of the own frame or of the stack arguments. */
function checkSlot(point: Point, offset: number, width: number): void {
  const { facts } = point.proof;
  if (width !== 4 || offset % 4 !== 0) throw fail(point, 'a stack access that is no aligned word');
  if (offset < stackOffset(point)) throw fail(point, 'accesses the stack below sp');
  if (offset + 4 > facts.own.stackBytes) throw fail(point, "accesses the caller's frame");
}

/**
 * A stack word; undefined where nothing was written. Tail calls copy whole stack arguments, padding
 * included, so that only the use of such a word is refused.
 */
export function loadSlot(point: Point, offset: number, width: number): Value | undefined {
  checkSlot(point, offset, width);
  point.proof.counts.stack++;
  const value = point.state.slots.get(offset);
  if (value !== undefined || offset < 0) return value;
  const argument = fresh(point, 0);
  point.state.slots.set(offset, argument);
  return argument;
}

export function storeSlot(point: Point, offset: number, width: number, value: Value | undefined): void {
  checkSlot(point, offset, width);
  point.proof.counts.stack++;
  point.state.slots.set(offset, value);
}

/** The words of [begin, end) get one constant. */
export function fillSlots(point: Point, begin: number, end: number, value: number): void {
  checkSlot(point, begin, 4);
  checkSlot(point, end - 4, 4);
  point.proof.counts.stack++;
  point.state.slots.fill(begin, end, value);
}

/** Pushed and popped registers need not hold anything: padding. */
export function push(point: Point, registers: readonly Reg[]): void {
  const { state, proof } = point;
  const values = registers.map((reg) => state.registers[reg]);
  const sp = stackOffset(point) - 4 * registers.length;
  write(point, proof.abi.sp, { symbol: proof.entrySp, add: sp >>> 0 });
  values.forEach((value, index) => storeSlot(point, sp + 4 * index, 4, value));
}

/** The popped values, in order. */
export function pop(point: Point, registers: readonly Reg[]): (Value | undefined)[] {
  const { state, proof } = point;
  const sp = stackOffset(point);
  const values = registers.map((_, index) => {
    checkSlot(point, sp + 4 * index, 4);
    return state.slots.get(sp + 4 * index);
  });
  write(point, proof.abi.sp, { symbol: proof.entrySp, add: (sp + 4 * registers.length) >>> 0 });
  return values;
}

/** Arguments in place, the stack aligned; then what a call that keeps the contract leaves behind. */
export function call(point: Point, contract: Contract, limit: number): void {
  const { proof, state } = point;
  const { abi } = proof;
  requireArguments(point, contract);
  const sp = stackOffset(point);
  if (sp % abi.stackAlignment !== 0) throw fail(point, `sp is no multiple of ${abi.stackAlignment} at a call`);
  requireStack(point, sp, limit);
  state.registers.forEach((_, reg) => {
    if (reg !== abi.sp && !abi.saved.includes(reg)) state.registers[reg] = undefined;
  });
  state.flags = undefined;
  if (sp + contract.stackBytes > 0) throw fail(point, 'the callee pops more than this frame');
  if (contract.stackBytes > 0) write(point, abi.sp, { symbol: proof.entrySp, add: (sp + contract.stackBytes) >>> 0 });
  for (let word = 0; word < contract.resultWords; word++) write(point, abi.args[word] as Reg, fresh(point, word));
}

export function requireArguments(point: Point, contract: Contract): void {
  for (let word = 0; word < contract.argumentWords; word++) read(point, point.proof.abi.args[word] as Reg);
}
