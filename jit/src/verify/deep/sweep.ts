import type { CodeFacts } from './facts.js';
import { DeepVerifyError } from './errors.js';
import type { Decoder } from './decode.js';
import { Forbidden, isComputation, type Computation, type Effect, type FlagCond, type Instruction } from './instruction.js';

/** An instruction at its place. */
export interface Located {
  readonly offset: number;
  readonly instruction: Instruction;
  /** Executed only if this holds: the instruction is inside an IT block. */
  readonly condition: FlagCond | undefined;
}

/** A function's instructions: every byte is one of them or data of a branch table. */
export interface Program {
  readonly facts: CodeFacts;
  readonly code: Uint8Array;
  /** By offset; undefined inside instructions and data. */
  readonly at: readonly (Located | undefined)[];
  /** Offsets that a direct branch inside the function leads to, and those where it is entered. */
  readonly leaders: ReadonlySet<number>;
}

/** Offset that a direct branch leads to; undefined where the instruction is none. */
export function targetOf({ offset, instruction: { effect } }: Located): number | undefined {
  return 'distance' in effect ? offset + effect.distance : undefined;
}

/** Does control come to what stands behind the instruction, where that does not only compute? */
const passes = {
  load: true,
  store: true,
  'load float': true,
  'store float': true,
  push: true,
  pop: true,
  it: true,
  'branch on flags': true,
  branch: true,
  jump: false,
  call: true,
  'jump to register': false,
  'call register': true,
  'table branch': false,
  trap: false,
} as const satisfies Readonly<Record<Exclude<Effect, Computation>['kind'], boolean>>;

export function fallsThrough(effect: Effect): boolean {
  if (effect.kind === 'pop' && effect.registers.includes(pc)) return false;
  return isComputation(effect) || passes[effect.kind];
}

/** Thumb's program counter, the only register that a POP may load it into. */
const pc = 15;
const conditional: ReadonlySet<Effect['kind']> = new Set([
  'constant',
  'upper half',
  'move',
  'data',
  'multiply-add',
  'bit field',
  'sign extension',
  'opaque',
  'compare',
]);

/**
 * The linear sweep: only allowed instructions, IT blocks whole, every direct branch lands on an
 * instruction of this function or on a routine that its wasm calls for, and the end is not run over.
 * @throws DeepVerifyError
 */
export function sweep(code: Uint8Array, facts: CodeFacts, decoder: Decoder): Program {
  const at = new Array<Located | undefined>(code.length).fill(undefined);
  let pending: FlagCond[] = [];
  let last: Located | undefined;
  const runsInto = (offset: number): void => {
    if (last !== undefined && (fallsThrough(last.instruction.effect) || pending.length > 0))
      throw fail(last, `runs into what is no code at 0x${offset.toString(16)}`);
  };
  for (let offset = 0; offset < code.length;) {
    const endOfData = facts.tablesInCode.get(offset);
    if (endOfData !== undefined) {
      runsInto(offset);
      last = undefined;
      offset = endOfData;
      continue;
    }
    const entry = locate(code, offset, decoder, pending.shift());
    at[offset] = entry;
    const { effect } = entry.instruction;
    if (effect.kind === 'it') pending = [...effect.conditions];
    last = entry;
    offset += entry.instruction.size;
  }
  runsInto(code.length);
  return { facts, code, at, leaders: checkTargets(at, facts) };
}

function fail(entry: Located, problem: string): DeepVerifyError {
  return new DeepVerifyError(problem, entry.offset, entry.instruction.text);
}

function locate(code: Uint8Array, offset: number, decoder: Decoder, condition: FlagCond | undefined): Located {
  let decoded: Instruction;
  try {
    decoded = decoder.at(code, offset);
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    const bytes = [...code.subarray(offset, offset + 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DeepVerifyError(error.message, offset, bytes);
  }
  if (condition === undefined) return { offset, instruction: decoded, condition };
  const entry = { offset, instruction: decoded, condition };
  if (!conditional.has(decoded.effect.kind)) throw fail(entry, 'not allowed in an IT block');
  if (decoded.flags === undefined || decoded.effect.kind === 'compare') return entry;
  // 16-bit forms set no flags inside an IT block (Armv7-M ARM, A4.4).
  if (decoded.size === 4) throw fail(entry, 'sets flags in an IT block');
  return { offset, instruction: { ...decoded, flags: undefined }, condition };
}

/** Is that an entry outside of the function to which its wasm may lead? */
function leavesFor({ yieldService, routines, functions, memory }: CodeFacts, absolute: number): boolean {
  return absolute === yieldService || routines.has(absolute) || functions.has(absolute) || memory?.boundsEntries.has(absolute) === true;
}

function checkTargets(at: readonly (Located | undefined)[], facts: CodeFacts): Set<number> {
  const leaders = new Set([0, ...facts.osrEntries]);
  for (const entry of at) {
    const target = entry === undefined ? undefined : targetOf(entry);
    if (entry === undefined || target === undefined) continue;
    const absolute = facts.address + target;
    if (target !== 0 && leavesFor(facts, absolute)) {
      const { kind } = entry.instruction.effect;
      if (kind !== 'call' && kind !== 'jump') throw fail(entry, 'a conditional branch leaves the function');
      continue;
    }
    const landing = at[target];
    if (landing === undefined) throw fail(entry, `branches to 0x${(absolute >>> 0).toString(16)}, which is no entry point`);
    if (landing.condition !== undefined) throw fail(entry, 'branches into an IT block');
    leaders.add(target);
  }
  return leaders;
}
