import { uncheckedFrameBytes, type Contract, type Reg } from './abi.js';
import type { Effect } from './instruction.js';
import { compute } from './arithmetic.js';
import { contractAt } from './facts.js';
import { call, fail, nameOf, pop, read, refuse, requireArguments, requireStack, stackOffset, type Point } from './point.js';
import type { Located, Program } from './sweep.js';
import { plus, type Value } from './values.js';

/** Most constant loads of a shared slow check before its jump. */
const thunkLength = 3;

/** A call with a fixed target. Afterwards the state is that of the return. False where there is none. */
export function directCall(point: Point, program: Program, effect: Effect & { kind: 'call' }): boolean {
  const { facts, abi } = point.proof;
  const target = point.located.offset + effect.distance;
  const absolute = facts.address + target;
  if (facts.memory?.boundsEntries.has(absolute) === true) {
    return boundsCheck(point, effect.link, absolute, []);
  }
  if (absolute === facts.yieldService) {
    requireLink(point, effect.link, abi.routineLink);
    lose(point, effect.link);
    return true;
  }
  const callee = contractAt(facts, target);
  if (callee === undefined) return callThunk(point, program, effect.link, target);
  requireLink(point, effect.link, abi.link);
  // Routines run in the stack's reserve.
  call(point, callee, facts.routines.has(absolute) ? facts.stackLimit - uncheckedFrameBytes : facts.stackLimit);
  return true;
}

function requireLink(point: Point, link: Reg, expected: Reg): void {
  if (link !== expected) throw fail(point, `${nameOf(point, link)} is not the link register of this callee`);
}

/** Code that slow checks share: constants for the bounds routine, and the jump to it. */
function callThunk(point: Point, program: Program, link: Reg, target: number): boolean {
  const { facts } = point.proof;
  let at = target;
  const inner: Point[] = [];
  for (let count = 0; count <= thunkLength; count++) {
    const located = program.at[at];
    if (located === undefined) break;
    const { effect, size } = located.instruction;
    if (effect.kind === 'jump') {
      return boundsCheck(point, link, facts.address + at + effect.distance, inner);
    }
    inner.push({ ...point, located });
    at += size;
  }
  throw fail(point, 'calls into the middle of the function');
}

/** No memory is larger. */
const maxMemoryBytes = 2 ** 32;

/** The memory's exact check: it comes back only if the index register + extent is at most the size. False if that cannot be. */
function boundsCheck(point: Point, link: Reg, entry: number, before: readonly Point[]): boolean {
  const { abi, facts } = point.proof;
  const { state } = point;
  requireLink(point, link, abi.routineLink);
  state.registers[link] = undefined;
  for (const step of before) {
    const { effect } = step.located.instruction;
    const loads = effect.kind === 'constant' || effect.kind === 'upper half' || effect.kind === 'data';
    if (!loads || !abi.scratch.includes(effect.rd) || step.located.condition !== undefined) throw fail(step, 'a shared check may load constants only');
    compute(step, effect);
  }
  const index = facts.memory?.boundsEntries.get(entry);
  if (index === undefined || index === abi.extent) throw fail(point, 'calls something that is no entry of the bounds routine');
  const value = read(point, index);
  const extent = read(point, abi.extent);
  if (extent.symbol !== 0) throw fail(point, 'the extent of a bounds check is no constant');
  lose(point, link);
  const { lo, hi } = state.boundOf(value);
  return state.refine(value, { lo, hi: Math.min(hi, maxMemoryBytes - extent.add), extent: extent.add });
}

/** A routine that keeps all registers but scratch ones has run in the stack's reserve. */
function lose(point: Point, link: Reg): void {
  const { abi, facts } = point.proof;
  requireStack(point, stackOffset(point), facts.stackLimit - uncheckedFrameBytes);
  for (const reg of [...abi.scratch, link]) point.state.registers[reg] = undefined;
  point.state.flags = undefined;
}

/** The callee behind a code address that was loaded from a slot. */
function calleeOf(point: Point, target: Value): Contract | undefined {
  const { state, proof } = point;
  const { origin } = state.factOf(target.symbol);
  if (target.add !== 0 || origin?.kind !== 'loaded') return undefined;
  const { address } = origin;
  if (address.symbol === 0) return proof.facts.slots.get(address.add);
  const slot = state.factOf(address.symbol);
  if (address.add !== 0 || slot.origin?.kind !== 'element' || slot.type === undefined) return undefined;
  return proof.facts.types.get(slot.type);
}

/** A call through a slot, named by the wasm or found in a table and checked; or of a routine that no direct call reaches. */
export function indirectCall(point: Point, effect: Effect & { kind: 'call register' }): void {
  const { facts, abi } = point.proof;
  requireLink(point, effect.link, abi.link);
  const target = read(point, effect.rs);
  const routine = target.symbol === 0 ? facts.routines.get((target.add & ~1) >>> 0) : undefined;
  if (routine !== undefined) {
    call(point, routine, facts.stackLimit - uncheckedFrameBytes);
    return;
  }
  const contract = calleeOf(point, target);
  if (contract === undefined) throw fail(point, 'calls what was not loaded from a slot of the right type');
  call(point, contract, facts.stackLimit);
}

/** Registers as the caller expects them, sp behind the own stack arguments less those passed on. */
function requireLeaving(point: Point, passed: number): void {
  const { proof, state } = point;
  for (const reg of proof.abi.saved) {
    const value = state.registers[reg];
    if (value?.symbol !== proof.entry.get(reg) || value?.add !== 0) throw fail(point, `${nameOf(point, reg)} does not hold the caller's value`);
  }
  const expected = proof.facts.own.stackBytes - passed;
  if (stackOffset(point) !== expected) throw fail(point, `sp is off by ${stackOffset(point) - expected} where the function is left`);
}

function isReturnAddress({ proof }: Point, value: Value | undefined): boolean {
  return value !== undefined && value.symbol === proof.entry.get(proof.abi.link) && value.add === 0;
}

function returns(point: Point): void {
  const { proof } = point;
  requireLeaving(point, 0);
  for (let word = 0; word < proof.facts.own.resultWords; word++) read(point, proof.abi.args[word] as Reg);
}

/** POP with pc: returns. */
export function popReturn(point: Point, registers: readonly Reg[], pc: Reg): void {
  const values = pop(point, registers);
  registers.forEach((reg, index) => {
    if (reg !== pc) point.state.registers[reg] = values[index];
  });
  if (!isReturnAddress(point, values[registers.indexOf(pc)])) throw fail(point, 'returns to something that is not the return address');
  returns(point);
}

/** Control leaves for the callee, which returns to the own caller. */
function tailCall(point: Point, callee: Contract): void {
  const { proof, state } = point;
  requireLeaving(point, callee.stackBytes);
  requireArguments(point, callee);
  requireStack(point, stackOffset(point), proof.facts.stackLimit - uncheckedFrameBytes);
  if (!isReturnAddress(point, state.registers[proof.abi.link])) throw fail(point, 'a tail call without the return address');
}

/** A jump to another function; false where it stays in this one. */
export function directTailCall(point: Point, effect: Effect & { kind: 'jump' }): boolean {
  const { facts } = point.proof;
  const target = point.located.offset + effect.distance;
  const callee = target === 0 ? undefined : facts.functions.get(facts.address + target);
  if (callee === undefined) return false;
  tailCall(point, callee);
  return true;
}

/** Return, tail call, or jump into a table of jumps. Gives the offsets that the latter leads to. */
export function registerJump(point: Point, program: Program, effect: Effect & { kind: 'jump to register' }): number[] {
  const target = plus(read(point, effect.rs), effect.offset);
  if (isReturnAddress(point, target)) {
    returns(point);
    return [];
  }
  const callee = calleeOf(point, target);
  if (callee !== undefined) {
    tailCall(point, callee);
    return [];
  }
  const targets = jumpTable(point, program, target);
  if (targets !== undefined) return targets;
  refuse(point, 'jumps to what is neither return address, slot nor table');
  return tableBehind(program, point.located);
}

/** Jumps behind the jump to one of them. */
export function tableBehind({ at }: Program, { offset, instruction }: Located): number[] {
  const jumps: number[] = [];
  for (let jump = offset + instruction.size; at[jump]?.instruction.effect.kind === 'jump'; jump += 4) jumps.push(jump);
  return jumps;
}

/** target = table + 4 * index, where every entry is a jump. */
function jumpTable({ state, proof }: Point, program: Program, target: Value): number[] | undefined {
  // A table of one entry has an index of one value.
  if (target.symbol === 0) return jumpsAt(program, [target.add - proof.facts.address]);
  const { origin } = state.factOf(target.symbol);
  if (origin?.kind !== 'scaled' || origin.shift !== 2) return undefined;
  const { lo, hi } = state.boundOf(origin.of);
  if (hi - lo > program.code.length) return undefined;
  return jumpsAt(
    program,
    Array.from({ length: hi - lo + 1 }, (_, index) => target.add + 4 * (lo + index) - proof.facts.address),
  );
}

function jumpsAt(program: Program, offsets: number[]): number[] | undefined {
  const isJump = (offset: number): boolean => {
    const entry = program.at[offset]?.instruction;
    return entry?.effect.kind === 'jump' && entry.size === 4;
  };
  return offsets.every(isJump) ? offsets : undefined;
}
