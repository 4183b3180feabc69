import type { Boundary, DebugFunction } from '@fireball/contracts';
import type { CodeRange } from '@fireball/image';
import type { CodeReader } from '../../unwind/code-reader.js';
import type { DecodedInstruction } from '../../unwind/instruction.js';
import type { StackState } from '../../unwind/unwind.js';

/** What the code of an instruction may have written since its boundary. Sets of registers are bits. */
export interface Lost {
  readonly registers: number;
  readonly floats: number;
  /** Bytes above sp as it is between two instructions. */
  readonly slots: ReadonlySet<number>;
}

/** Addresses at which the same holds. */
export interface CodePoint extends CodeRange {
  /** What holds, but for what is lost; undefined where nothing says so. */
  readonly boundary: Boundary | undefined;
  /** It holds exactly at the beginning. */
  readonly exact: boolean;
  readonly lost: Lost;
  /** Of the instruction that the code belongs to. */
  readonly wasmOffset: number;
}

const nothing: Lost = { registers: 0, floats: 0, slots: new Set() };

/** An instruction of one boundary's code. */
interface Member {
  readonly instruction: DecodedInstruction;
  readonly exact: boolean;
  readonly wasmOffset: number;
}

/** Instructions one behind the other that belong to the boundary, in line from it on or somewhere else. */
interface Run {
  readonly boundary: Boundary | undefined;
  readonly inLine: boolean;
  readonly members: Member[];
}

/**
 * Cuts a function's code at its boundaries, and says what of each may be overwritten already at the instructions behind it. Code out of line has
 * the boundary of its instruction if only that leads there.
 */
export function codePoints(code: DebugFunction, reader: CodeReader, states: ReadonlyMap<number, StackState>, kept: readonly number[]): CodePoint[] {
  const runs = runsOf(code, reader);
  const writes = new Writes(code, states, kept);
  const sources = branchSources(runs);
  const inLine = new Map(runs.filter((run) => run.inLine).map((run) => [run.boundary, run]));
  return runs.flatMap((run) => {
    if (run.inLine) return pointsInLine(run, writes);
    const from = sources.get(run) ?? new Set();
    const [only] = from;
    const boundary = from.size === 1 ? only : undefined;
    const before = boundary === undefined ? nothing : writes.all(inLine.get(boundary)?.members ?? []);
    const lost = both(before, writes.all(run.members));
    return run.members.map(({ instruction, wasmOffset }) => ({
      begin: instruction.address,
      end: instruction.address + instruction.size,
      boundary,
      exact: false,
      lost,
      wasmOffset,
    }));
  });
}

function runsOf(code: DebugFunction, reader: CodeReader): Run[] {
  const { boundaries } = code.locations;
  /** The last one at its address: the others need no code of their own. */
  const lastAt = new Map(boundaries.map((boundary) => [code.begin + boundary.codeOffset, boundary]));
  const runs: Run[] = [];
  let site = 0;
  let current: Run | undefined;
  for (const instruction of reader.all(code.begin, code.end)) {
    const { address } = instruction;
    while (site + 1 < code.sites.length && code.sites[site + 1]!.address <= address) site++;
    const wasmOffset = code.sites[site]?.wasmOffset ?? 0;
    const here = lastAt.get(address);
    if (here !== undefined) runs.push((current = { boundary: here, inLine: true, members: [] }));
    else if (current === undefined || !continues(current, wasmOffset, code)) runs.push((current = { boundary: undefined, inLine: false, members: [] }));
    current.members.push({ instruction, exact: here !== undefined, wasmOffset: here?.wasmOffset ?? wasmOffset });
  }
  return runs;
}

/** Does code of this instruction belong to the boundary that the code in front of it has? */
function continues({ boundary, inLine, members }: Run, wasmOffset: number, code: DebugFunction): boolean {
  if (!inLine || boundary === undefined) return members.at(-1)?.wasmOffset === wasmOffset;
  if (wasmOffset < boundary.wasmOffset) return false;
  const next = followers(code).get(boundary);
  return next === undefined || wasmOffset < next;
}

const knownFollowers = new WeakMap<DebugFunction, ReadonlyMap<Boundary, number>>();

/** Where the first instruction behind a boundary's is that has a boundary of its own. */
function followers(code: DebugFunction): ReadonlyMap<Boundary, number> {
  let known = knownFollowers.get(code);
  if (known === undefined) {
    const { boundaries } = code.locations;
    known = new Map(boundaries.flatMap((boundary, index) => (index + 1 < boundaries.length ? [[boundary, boundaries[index + 1]!.wasmOffset] as const] : [])));
    knownFollowers.set(code, known);
  }
  return known;
}

/** From which boundaries' code a branch, or the way of execution, leads into runs that are out of line. */
function branchSources(runs: readonly Run[]): ReadonlyMap<Run, ReadonlySet<Boundary | undefined>> {
  const outside = runs.filter(({ inLine }) => !inLine);
  const runAt = new Map(outside.flatMap((run) => run.members.map(({ instruction }) => [instruction.address, run] as const)));
  const sources = new Map<Run, Set<Boundary | undefined>>(outside.map((run) => [run, new Set()]));
  for (const { boundary, members } of runs) {
    for (const { instruction } of members) {
      const { flow, address, size } = instruction;
      const next = flow.kind === 'leave' || (flow.kind === 'branch' && !flow.conditional) ? [] : [address + size];
      for (const target of flow.kind === 'branch' ? [flow.target, ...next] : next) {
        const to = runAt.get(target);
        if (to !== undefined && !to.members.some((member) => member.instruction === instruction)) sources.get(to)?.add(boundary);
      }
    }
  }
  return sources;
}

function pointsInLine({ boundary, members }: Run, writes: Writes): CodePoint[] {
  const points: CodePoint[] = [];
  let lost = nothing;
  members.forEach(({ instruction, exact, wasmOffset }, index) => {
    const { address, size, flow } = instruction;
    // What a branch back comes from has been executed, too.
    const loops = members.slice(index).filter((member) => member.instruction.flow.kind === 'branch' && leadsInto(member.instruction, members, index));
    for (const last of loops) lost = both(lost, writes.all(members.slice(0, members.indexOf(last) + 1)));
    const after = both(lost, writes.of(instruction));
    const point = { boundary, wasmOffset };
    // Of a caller, the address in front of the return address is looked up: the callee has changed things.
    if (flow.kind === 'call')
      points.push(
        { ...point, begin: address, end: address + 1, exact, lost },
        { ...point, begin: address + 1, end: address + size, exact: false, lost: after },
      );
    else points.push({ ...point, begin: address, end: address + size, exact, lost });
    lost = after;
  });
  return points;
}

/** Does it branch to one of the members up to `index`, but the first one, at which all holds again? */
function leadsInto({ flow }: DecodedInstruction, members: readonly Member[], index: number): boolean {
  return flow.kind === 'branch' && members.slice(1, index + 1).some(({ instruction }) => instruction.address === flow.target);
}

function both(a: Lost, b: Lost): Lost {
  if (b === nothing) return a;
  return { registers: a.registers | b.registers, floats: a.floats | b.floats, slots: b.slots.size === 0 ? a.slots : new Set([...a.slots, ...b.slots]) };
}

/** What instructions of one function write. */
class Writes {
  readonly #changedByCalls: number;

  constructor(
    private readonly code: DebugFunction,
    private readonly states: ReadonlyMap<number, StackState>,
    kept: readonly number[],
  ) {
    this.#changedByCalls = ~kept.reduce((bits, register) => bits | (1 << register), 0);
  }

  of({ address, writes, writesFloat, flow, stack }: DecodedInstruction): Lost {
    const isCall = flow.kind === 'call';
    const registers = writes.reduce((bits, register) => bits | (1 << register), isCall ? this.#changedByCalls : 0);
    const floats = isCall ? -1 : writesFloat.reduce((bits, register) => bits | (1 << register), 0);
    const slots = new Set<number>();
    if (stack.kind === 'store') slots.add((this.states.get(address)?.sp ?? 0) + this.code.locations.frameBytes + stack.offset);
    return { registers, floats, slots };
  }

  all(members: readonly Member[]): Lost {
    return members.reduce((lost, { instruction }) => both(lost, this.of(instruction)), nothing);
  }
}
