import type { Boundary, CodeView, DebugFunction, DebugTarget, TargetStop } from '@fireball/contracts';
import { boundariesAt, marksOf, textAt } from '../session/boundaries.js';
import { innermost } from '../session/frames.js';
import { operationOf } from '../session/templates.js';
import { Values, type Variable } from '../session/values.js';

/** A run in terms of the module that stands in front of an instruction: the reference interpreter's view. */
export interface ReferenceState {
  readonly functionIndex: number;
  readonly offset: number;
  readonly operandCount: number;
  /** Low word first; the high word of a value of one word is unspecified. */
  localWords(local: number): readonly number[];
  operandWords(index: number): readonly number[];
}

/** How a target parts from the reference. */
export type Parting =
  /** A local or an operand has another value. */
  | {
      readonly kind: 'value';
      readonly name: string;
      readonly type: string | undefined;
      readonly place: string;
      readonly expected: readonly number[];
      readonly actual: readonly number[];
    }
  /** It goes another way; `actual` says where, as a sentence's end. */
  | { readonly kind: 'way'; readonly actual: string };

/** What `Follower.follow` found. */
export type Followed = 'equal' | 'not compared' | 'ended' | Parting;

/** Instructions that do nothing of their own: the reference does not stop in front of them, and native code may or may not come by. */
const silent = /^(block|loop|nop|end)$/;
/** References are numbers in the reference and addresses in native code. */
const makesReferences = /^(ref|table|call_indirect|return_call_indirect)/;
/** Machine instructions from one boundary to the next, at most: a memory that is filled, and no endless loop. */
const longestWay = 200_000_000;

interface Placed {
  readonly address: number;
  readonly order: number;
  readonly boundary: Boundary;
}

interface Followable {
  readonly code: DebugFunction;
  readonly placed: ReadonlyMap<number, Placed>;
  readonly comparesOperands: boolean;
}

/**
 * Takes a target from boundary to boundary beside a reference that leads the way, and compares locals and operands where both are in front of
 * the same instruction. What has no boundary of its own in the code is not compared. The target is its own: breakpoints are set on it.
 */
export class Follower {
  /** Instructions compared, and the count of machine instructions when the last one was. */
  compared = 0;
  readonly #values: Values;
  readonly #functions = new Map<number, Followable>();
  /** Where the target stands, and the last boundary there that the reference has come by. */
  #arrival: { readonly count: number; readonly address: number; order: number } | undefined;
  #ended: TargetStop | undefined;

  /** @param wanted other functions are not compared */
  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
    wanted: (code: DebugFunction) => boolean = () => true,
  ) {
    this.#values = new Values(target, view);
    for (const code of view.functions) {
      if (!wanted(code)) continue;
      const placed = new Map<number, Placed>();
      for (const address of marksOf(code).addresses) {
        for (const [order, boundary] of boundariesAt(code, address).entries()) {
          if (!silent.test(operationOf(textAt(code, boundary.wasmOffset)))) placed.set(boundary.wasmOffset, { address, order, boundary });
        }
        target.stops.breakpoint(address, true);
      }
      this.#functions.set(code.index, { code, placed, comparesOperands: !code.wasm.some(({ text }) => makesReferences.test(text)) });
    }
  }

  /** How the target's run ended; undefined while it has not. */
  get ended(): TargetStop | undefined {
    return this.#ended;
  }

  /** The reference stands in front of an instruction: goes there, too. `ended`: it cannot any more; its end may be one that the reference still reaches. */
  follow(reference: ReferenceState): Followed {
    const followed = this.#functions.get(reference.functionIndex);
    const placed = followed?.placed.get(reference.offset);
    if (followed === undefined || placed === undefined) return 'not compared';
    const here = this.#arrival;
    const isHere = here !== undefined && here.address === placed.address && here.order < placed.order && here.count === this.target.instructions;
    if (!isHere) {
      const parting = this.#advance(placed.address);
      if (parting !== undefined) return parting;
    }
    this.#arrival = { count: this.target.instructions, address: placed.address, order: placed.order };
    const parting = this.#compare(followed, placed, reference);
    if (parting === undefined) this.compared++;
    return parting ?? 'equal';
  }

  /** The reference has ended: so must this, without anything else on the way. */
  finish(): Parting | undefined {
    const followed = this.#advance(undefined);
    return followed === 'ended' ? undefined : followed;
  }

  /** To an address, or to the end. Undefined: there. */
  #advance(address: number | undefined): Exclude<Followed, 'equal' | 'not compared'> | undefined {
    const { target } = this;
    for (;;) {
      if (this.#ended !== undefined) return 'ended';
      // It may stand in front of its first instruction already.
      if (this.#arrival !== undefined || target.pc !== address) {
        target.stops.pass(target.pc);
        const stop = target.run(longestWay);
        if (stop.why === 'count') return { kind: 'way', actual: `runs on for ${longestWay} machine instructions` };
        if (stop.why !== 'breakpoint') {
          this.#ended = stop;
          continue;
        }
      }
      const { pc, instructions } = target;
      this.#arrival = { count: instructions, address: pc, order: -1 };
      if (pc === address) return undefined;
      const code = this.view.at(pc);
      const last = boundariesAt(code, pc).at(-1);
      if (code === undefined || last === undefined) continue;
      // What jumps to behind a label does not come by what lies before it at the same address.
      const followed = this.#functions.get(code.index);
      if (followed?.placed.has(last.wasmOffset) !== true) continue;
      return { kind: 'way', actual: `comes to ${code.name} 0x${last.wasmOffset.toString(16)}` };
    }
  }

  #compare({ code, comparesOperands }: Followable, { order, boundary }: Placed, reference: ReferenceState): Parting | undefined {
    const frame = innermost(this.target, this.view, order);
    const differs = (words: readonly number[], expected: readonly number[]): boolean =>
      words.some((word, index) => (word | 0) !== ((expected[index] ?? 0) | 0));
    const part = ({ name, type, place }: Variable, actual: readonly number[], expected: readonly number[]): Parting => ({
      kind: 'value',
      name,
      type,
      place,
      actual,
      expected: expected.slice(0, actual.length),
    });
    for (const [index, variable] of this.#values.locals(frame).entries()) {
      const { words, type } = variable;
      if (words === undefined || type === 'funcref' || type === 'externref') continue;
      const expected = reference.localWords(index);
      if (differs(words, expected)) return part(variable, words, expected);
    }
    if (!comparesOperands) return undefined;
    if (boundary.operands.length !== reference.operandCount)
      return { kind: 'way', actual: `has ${boundary.operands.length} operands in ${code.name}, not ${reference.operandCount}` };
    for (const [index, variable] of this.#values.operands(frame).entries()) {
      const { words } = variable;
      if (words === undefined) continue;
      const expected = reference.operandWords(index);
      if (differs(words, expected)) return part(variable, words, expected);
    }
    return undefined;
  }
}
