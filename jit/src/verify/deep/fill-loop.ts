/**
 * Loops that fill a part of the frame with one constant: how generated code zeroes thousands of locals
 * (hazard 7). Where the bounds are known such a loop is executed in one step, because no single state of
 * its head says which words are behind it.
 *
 *     again: store value, [cursor + 0]; store value, [cursor + 4]; ..
 *            cursor = cursor + bytes stored
 *            branch to again unless cursor = limit
 */
import type { Reg } from './abi.js';
import type { Effect } from './instruction.js';
import { fillSlots, read, type Point } from './point.js';
import type { Located, Program } from './sweep.js';
import { constant } from './values.js';

interface FillLoop {
  readonly cursor: Reg;
  readonly value: Reg;
  readonly limit: Reg;
  /** Bytes stored each time. */
  readonly step: number;
  /** Offset of the instruction behind the loop. */
  readonly next: number;
  /** The flags are those of the last comparison. */
  readonly setsFlags: boolean;
}

/** Unconditional instructions from `offset` on. */
function* straight({ at }: Program, offset: number): Generator<Located, undefined> {
  for (let entry = at[offset]; entry !== undefined && entry.condition === undefined; entry = at[entry.offset + entry.instruction.size]) yield entry;
  return undefined;
}

function storeAt(effect: Effect | undefined, offset: number): { cursor: Reg; value: Reg } | undefined {
  if (effect?.kind !== 'store' || effect.width !== 4 || !('offset' in effect.address) || effect.address.offset !== offset) return undefined;
  return { cursor: effect.address.base, value: effect.rt };
}

/** The register that `cursor` is compared with. */
function comparedWith(effect: Effect | undefined, cursor: Reg): Reg | undefined {
  if (effect?.kind !== 'compare' && effect?.kind !== 'branch') return undefined;
  if (effect.kind === 'compare' && effect.test !== 'subtract') return undefined;
  return effect.a === cursor && 'reg' in effect.b && effect.b.shift === undefined ? effect.b.reg : undefined;
}

function fillLoopAt(program: Program, begin: number): FillLoop | undefined {
  const code = straight(program, begin);
  const next = (): Located | undefined => code.next().value;
  let entry = next();
  const first = storeAt(entry?.instruction.effect, 0);
  if (first === undefined) return undefined;
  const { cursor, value } = first;
  let step = 0;
  for (let stored: typeof first | undefined = first; stored !== undefined; stored = storeAt(entry?.instruction.effect, step)) {
    if (stored.cursor !== cursor || stored.value !== value) return undefined;
    step += 4;
    entry = next();
  }
  const add = entry?.instruction.effect;
  if (add?.kind !== 'data' || add.op !== 'add' || add.rd !== cursor || add.a !== cursor || !('imm' in add.b) || add.b.imm !== step) return undefined;
  entry = next();
  const limit = comparedWith(entry?.instruction.effect, cursor);
  const setsFlags = entry?.instruction.effect.kind === 'compare';
  if (setsFlags) entry = next();
  const branch = entry?.instruction.effect;
  if (entry === undefined || limit === undefined || (branch?.kind !== 'branch' && branch?.kind !== 'branch on flags')) return undefined;
  if (branch.cond !== 'ne' || (branch.kind === 'branch on flags') !== setsFlags || entry.offset + branch.distance !== begin) return undefined;
  if (cursor === value || cursor === limit) return undefined;
  return { cursor, value, limit, step, next: entry.offset + entry.instruction.size, setsFlags };
}

/**
 * Executes the loop at `point`, if there is one, it fills a known part of the frame, and it is entered only
 * there. Returns the offset behind it; undefined where nothing was done.
 */
export function fillLoop(point: Point, program: Program, isEntered: (offset: number) => boolean): number | undefined {
  const { proof, state, located } = point;
  const loop = fillLoopAt(program, located.offset);
  if (loop === undefined) return undefined;
  for (let offset = located.offset + 1; offset < loop.next; offset++) if (isEntered(offset)) return undefined;
  const cursor = state.registers[loop.cursor];
  const limit = state.registers[loop.limit];
  const value = loop.value === proof.abi.zero ? constant(0) : read(point, loop.value);
  if (loop.cursor === proof.abi.sp || value.symbol !== 0) return undefined;
  if (cursor?.symbol !== proof.entrySp || limit?.symbol !== proof.entrySp) return undefined;
  const bytes = (limit.add | 0) - (cursor.add | 0);
  if (bytes <= 0 || bytes % loop.step !== 0) return undefined;
  fillSlots(point, cursor.add | 0, limit.add | 0, value.add);
  state.registers[loop.cursor] = limit;
  if (loop.setsFlags) state.flags = { kind: 'subtract', a: limit, b: limit };
  return loop.next;
}
