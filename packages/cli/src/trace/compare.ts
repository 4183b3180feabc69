import type { Boundary } from '@fireball/contracts';
import { Follower, type Parting, type ReferenceState } from '@fireball/debugger';
import { debugCall, engineNamed, referenceCall, type DebugCall, type ReferenceCall } from '@fireball/engines';
import {
  formatInstruction,
  functionName,
  InstructionReader,
  isExhaustionTrap,
  sameValue,
  type ExecutionView,
  type TrapKind,
  type WasmModule,
} from '@fireball/wasm';
import { describeCallEnd, endOfReference, endOfTarget, type CallEnd, type NamedCall } from '../commands/native-call.js';
import { shortWords } from './format.js';

/** The reference in front of an instruction. */
interface Moment {
  readonly functionIndex: number;
  readonly offset: number;
  readonly operands: readonly string[];
}

/** Bytes of linear memory 0, or a global, that the reference has written. */
type Written = { readonly kind: 'memory'; readonly address: number; readonly size: number } | { readonly kind: 'global'; readonly index: number };

/** An engine on an emulated CPU beside the reference. */
interface Side {
  readonly engine: string;
  readonly call: DebugCall;
  readonly follower: Follower;
  /** What has not been compared yet: since the last boundary that both came to. */
  written: Written[];
}

type Difference = Pick<TraceDifference, 'what' | 'expected' | 'actual'>;

/** The first place where one of them is not where, or what, the reference is. */
interface TraceDifference {
  readonly engine: string;
  /** In front of which instruction; null: at the end of the call. */
  readonly at: { readonly function: string; readonly wasmOffset: number; readonly text: string } | null;
  /** Machine instructions that the engine had executed, and where it stood. */
  readonly count: number;
  readonly address: number;
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
  /** What the reference executed before, the instruction itself, and what it executed then. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** How the traces compare. `inconclusive`: a limit of an engine's own ended it. */
export interface TraceComparison {
  readonly instructions: number;
  /** By engine: instructions that it had a boundary for. */
  readonly compared: Readonly<Record<string, number>>;
  readonly difference: TraceDifference | null;
  readonly inconclusive: string | null;
  readonly end: string;
}

/** Lines of context on either side. */
const context = 6;

class Enough extends Error {}

/**
 * Makes the call on engines of emulated CPUs and in the reference interpreter, which leads the way, side by side. Nothing is kept but some lines of context.
 * @param engines names of some that a debugger can follow
 */
export function compareTraces(call: NamedCall, engines: readonly string[], functions: ReadonlySet<number> | undefined): TraceComparison {
  const { loaded, entry, args, options } = call;
  const reference = referenceCall(loaded, options, entry, args);
  const opened: DebugCall[] = [];
  try {
    const sides = engines.map((engine): Side => {
      const followed = debugCall(loaded, engineNamed(engine).vsoc!, options, entry, args);
      opened.push(followed);
      return {
        engine,
        call: followed,
        follower: new Follower(followed.target, followed.code, ({ index }) => functions === undefined || functions.has(index)),
        written: [],
      };
    });
    return new Comparing(loaded.module, reference, sides).run();
  } finally {
    for (const { target } of opened) target.close();
  }
}

class Comparing {
  readonly #recent: Moment[] = [];
  readonly #after: Moment[] = [];
  readonly #instructionsAt = new Map<number, { readonly text: string; readonly params: readonly string[] }>();
  readonly #boundaries = new Map<number, ReadonlyMap<number, Boundary>>();
  #instructions = 0;
  #found: Omit<TraceDifference, 'before' | 'after'> | undefined;
  /** What the instruction that comes next writes. */
  #writes: Written | undefined;

  constructor(
    private readonly module: WasmModule,
    private readonly reference: ReferenceCall,
    private readonly sides: readonly Side[],
  ) {}

  run(): TraceComparison {
    let end: CallEnd | undefined;
    let inconclusive: string | undefined;
    try {
      end = endOfReference(this.reference.run({ beforeInstruction: (view) => this.#step(view) }));
      inconclusive = this.#found === undefined ? this.#end(end) : undefined;
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    }
    const difference =
      this.#found === undefined
        ? null
        : { ...this.#found, before: this.#recent.map((moment) => this.#line(moment)), after: this.#after.map((moment) => this.#line(moment)) };
    return {
      instructions: this.#instructions,
      compared: Object.fromEntries(this.sides.map(({ engine, follower }) => [engine, follower.compared])),
      difference,
      inconclusive: inconclusive ?? null,
      end: end === undefined ? '' : describeCallEnd(this.module, end),
    };
  }

  #step(view: ExecutionView): void {
    const { offset, function: running } = view.position;
    const functionIndex = running.validated.index;
    const moment = {
      functionIndex,
      offset,
      operands: this.#operands(view, functionIndex, offset),
    };
    if (this.#found !== undefined) {
      this.#after.push(moment);
      if (this.#after.length >= context) throw new Enough();
      return;
    }
    this.#instructions++;
    this.#recent.push(moment);
    if (this.#recent.length > context) this.#recent.shift();
    const state = {
      functionIndex,
      offset,
      operandCount: view.operandCount,
      localWords: (local: number) => view.localWords(local),
      operandWords: (index: number) => view.operandWords(index),
    };
    const writes = this.#writes;
    this.#writes = this.#writtenBy(view);
    for (const side of this.sides) {
      if (writes !== undefined) side.written.push(writes);
      const difference = this.#follow(side, moment, state);
      if (difference === undefined) continue;
      this.#place(side, moment, difference);
      return;
    }
  }

  /** The uppermost ones, of the types that the instruction wants; below, and where it takes any, as wide as native code holds them. */
  #operands(view: ExecutionView, functionIndex: number, offset: number): readonly string[] {
    const { operandCount } = view;
    const { params } = this.#instruction(offset);
    const boundary = this.#boundary(functionIndex, offset);
    return Array.from({ length: Math.min(operandCount, 4) }, (_, index) => {
      const operand = operandCount - Math.min(operandCount, 4) + index;
      const type = params[operand - (operandCount - params.length)];
      const words = type === undefined ? (boundary?.operands[operand]?.length ?? 1) : type === 'i64' || type === 'f64' ? 2 : 1;
      return shortWords(type, view.operandWords(operand).slice(0, words));
    });
  }

  #boundary(functionIndex: number, offset: number): Boundary | undefined {
    let boundaries = this.#boundaries.get(functionIndex);
    if (boundaries === undefined) {
      const code = this.sides[0]?.call.code.functions.find(({ index }) => index === functionIndex);
      boundaries = new Map(code?.locations.boundaries.map((boundary) => [boundary.wasmOffset, boundary]));
      this.#boundaries.set(functionIndex, boundaries);
    }
    return boundaries.get(offset);
  }

  #instruction(offset: number): { readonly text: string; readonly params: readonly string[] } {
    let instruction = this.#instructionsAt.get(offset);
    if (instruction === undefined) {
      const reader = new InstructionReader(this.module.bytes, offset);
      reader.read();
      instruction = { text: formatInstruction(reader), params: reader.op.signature?.params ?? [] };
      this.#instructionsAt.set(offset, instruction);
    }
    return instruction;
  }

  #follow(side: Side, moment: Moment, state: ReferenceState): Difference | undefined {
    const followed = side.follower.follow(state);
    if (typeof followed === 'object') return this.#differenceOf(moment, followed);
    // A trap may be one for an access further on, that the reference still comes to. Any other end is final.
    const end = followed === 'ended' ? endOfTarget(side.call) : undefined;
    if (end !== undefined && end.kind !== 'trap') return this.#differenceOf(moment, { kind: 'way', actual: this.#describe(side, end) });
    if (followed !== 'equal') return undefined;
    const { written } = side;
    side.written = [];
    return written
      .map((each) => (each.kind === 'memory' ? this.#memoryDifference(side, each) : this.#globalDifference(side, each.index)))
      .find((found) => found !== undefined);
  }

  #describe({ follower }: Side, end: CallEnd): string {
    const { ended } = follower;
    return end.kind === 'lost' && ended?.why === 'fault' ? ended.message : describeCallEnd(this.module, end);
  }

  #writtenBy(view: ExecutionView): Written | undefined {
    const text = this.#text(view.position.offset);
    const [, global] = /^global\.set (\d+)/.exec(text) ?? [];
    if (global !== undefined) return { kind: 'global', index: Number(global) };
    const [, type = '', bits, more = ''] = /^([if](?:32|64))\.store(8|16|32)?(.*)$/.exec(text) ?? [];
    if (type === '' || more.includes('memory')) return undefined;
    const [address] = view.operandWords(view.operandCount - 2);
    const [, offset = '0'] = /offset=(\d+)/.exec(more) ?? [];
    return { kind: 'memory', address: (address >>> 0) + Number(offset), size: Number(bits ?? type.slice(1)) / 8 };
  }

  #differenceOf(moment: Moment | undefined, parting: Parting): Difference {
    if (parting.kind === 'value') {
      const { name, type, place, expected, actual } = parting;
      return { what: `${name} in ${place}`, expected: shortWords(type, expected), actual: shortWords(type, actual) };
    }
    return {
      what: 'way',
      expected: moment === undefined ? 'the end' : `comes to ${functionName(this.module, moment.functionIndex)} 0x${moment.offset.toString(16)}`,
      actual: parting.actual,
    };
  }

  #place({ engine, call }: Side, moment: Moment | undefined, difference: Difference): void {
    const { instructions: count, pc: address } = call.target;
    const at =
      moment === undefined ? null : { function: functionName(this.module, moment.functionIndex), wasmOffset: moment.offset, text: this.#text(moment.offset) };
    this.#found = { engine, at, count, address, ...difference };
  }

  /** Both have ended, or are to. Returns why that says nothing. */
  #end(expected: CallEnd): string | undefined {
    if (isExhaustion(expected)) return `the reference interpreter: ${describeCallEnd(this.module, expected)}`;
    for (const side of this.sides) {
      const parting = side.follower.finish();
      if (parting !== undefined) {
        this.#place(side, undefined, this.#differenceOf(undefined, parting));
        return undefined;
      }
      const actual = endOfTarget(side.call);
      if (isExhaustion(actual)) return `${side.engine}: ${describeCallEnd(this.module, actual)}`;
      const difference = this.#endDifference(side, expected, actual) ?? this.#stateDifference(side);
      if (difference === undefined) continue;
      this.#place(side, undefined, difference);
      return undefined;
    }
    return undefined;
  }

  #endDifference(side: Side, expected: CallEnd, actual: CallEnd): Difference | undefined {
    const same =
      expected.kind === 'results'
        ? actual.kind === 'results' && expected.results.every((value, index) => sameValue(value, actual.results[index]!, false))
        : expected.kind === 'trap' &&
          actual.kind === 'trap' &&
          actual.trap === expected.trap &&
          (actual.wasmOffset === undefined || actual.wasmOffset === expected.wasmOffset);
    return same ? undefined : { what: 'end', expected: describeCallEnd(this.module, expected), actual: this.#describe(side, actual) };
  }

  /** What the call has left behind. */
  #stateDifference(side: Side): Difference | undefined {
    const { memories } = this.reference.instance;
    for (const [index, { bytes }] of memories.entries()) {
      const base = side.call.code.memories[index]!;
      if (bytes.length > 0 && side.call.target.peek(base, bytes.length) === undefined)
        return { what: `size of memory ${index}`, expected: `${bytes.length} bytes`, actual: 'less' };
      const difference = this.#bytesDifference(side, index, 0, bytes.length);
      if (difference !== undefined) return difference;
    }
    return side.call.code.globals.map((_, index) => this.#globalDifference(side, index)).find((found) => found !== undefined);
  }

  #memoryDifference(side: Side, { address, size }: { readonly address: number; readonly size: number }): Difference | undefined {
    const memory = this.reference.instance.memories[0];
    return memory === undefined || address + size > memory.byteLength ? undefined : this.#bytesDifference(side, 0, address, size);
  }

  #bytesDifference({ call: { target, code } }: Side, index: number, address: number, size: number): Difference | undefined {
    const expected = this.reference.instance.memories[index]!.bytes.subarray(address, address + size);
    const actual = size === 0 ? expected : target.peek(code.memories[index]! + address, size)!;
    if (Buffer.compare(expected, actual) === 0) return undefined;
    const at = expected.findIndex((byte, offset) => byte !== actual[offset]);
    return {
      what: `memory ${index} at 0x${(address + at).toString(16)}`,
      expected: `0x${expected[at]!.toString(16)}`,
      actual: `0x${actual[at]!.toString(16)}`,
    };
  }

  #globalDifference({ call: { target, code } }: Side, index: number): Difference | undefined {
    const expected = this.reference.instance.globals[index]?.words;
    const global = code.globals[index];
    if (expected === undefined || global === undefined || global.type === 'funcref' || global.type === 'externref') return undefined;
    const size = global.type === 'i64' || global.type === 'f64' ? 2 : 1;
    const bytes = target.peek(global.address, 4 * size)!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const actual = Array.from({ length: size }, (_, word) => view.getInt32(4 * word, true));
    if (actual.every((word, at) => word === expected[at])) return undefined;
    return { what: `global ${index}`, expected: shortWords(global.type, [...expected].slice(0, size)), actual: shortWords(global.type, actual) };
  }

  #line({ functionIndex, offset, operands }: Moment): string {
    return `f${functionIndex}:${offset.toString(16).padStart(6, '0')}  ${this.#text(offset).padEnd(24)}  [${operands.join(' ')}]`;
  }

  #text(offset: number): string {
    return this.#instruction(offset).text;
  }
}

function isExhaustion(end: CallEnd): boolean {
  return end.kind === 'trap' && isExhaustionTrap(end.trap as TrapKind);
}

/** For people. */
export function formatComparison({ instructions, compared, difference, inconclusive, end }: TraceComparison): string {
  const how = Object.entries(compared).map(([engine, count]) => `${engine} compared at ${count}`);
  const total = `${instructions} wasm instructions of the reference, ${how.join(', ')}`;
  if (inconclusive !== null) return `${total}: inconclusive, ${inconclusive}`;
  if (difference === null) return `${total}: no difference; ${end}`;
  const { engine, at, count, address, what, expected, actual, before, after } = difference;
  return [
    `${total}: ${engine} differs`,
    ...before.slice(0, at === null ? undefined : -1).map((line) => `   ${line}`),
    ...(at === null ? [] : [`=> ${before.at(-1) ?? ''}`]),
    `     ${what}: expected ${expected}, ${engine} has ${actual}`,
    `     ${engine} has executed ${count} machine instructions and stands at 0x${address.toString(16).padStart(8, '0')}`,
    ...after.map((line) => `   ${line}`),
  ].join('\n');
}
