import type { Boundary, CodeView, DebugFunction, DebugTarget, TargetStop } from '@fireball/contracts';
import { firstOrder } from '../session/arrival.js';
import { boundariesAt, marksOf, textAt } from '../session/boundaries.js';
import { innermost } from '../session/frames.js';
import { operationOf } from '../session/templates.js';
import { Values, type Variable } from '../session/values.js';
import { CodeStops } from './code-stops.js';

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
  /** Among the boundaries at its address. */
  readonly order: number;
  readonly boundary: Boundary;
}

/** Code of a function that is compared. */
interface Followable {
  readonly code: DebugFunction;
  /** By the offsets of instructions that have boundaries. */
  readonly placed: ReadonlyMap<number, Placed>;
  readonly comparesOperands: boolean;
}

/** In front of an instruction that is compared. */
interface Arrival {
  readonly followed: Followable;
  /** Where the reference was when the target went on. */
  readonly from: Followable | undefined;
  readonly address: number;
  /** The first of the boundaries there that the reference has yet to come by. */
  order: number;
  /** The offset of the last one that it has. */
  passed: number | undefined;
}

/**
 * Takes a target from boundary to boundary beside a reference that leads the way, and compares locals and operands where both are in front of
 * the same instruction, interpreted or in code that comes and goes. What has no boundary of its own in the code is not compared. The target is its own:
 * breakpoints are set on it.
 */
export class Follower {
  /** Instructions compared. */
  compared = 0;
  readonly #values: Values;
  readonly #known = new WeakMap<DebugFunction, Followable>();
  /** By index: the code of functions that are compared, as it is now. */
  #functions: ReadonlyMap<number, readonly Followable[]> = new Map();
  readonly #stops: CodeStops;
  #arrival: Arrival | undefined;
  #hasBegun = false;
  #ended: TargetStop | undefined;

  /** @param wanted other functions are not compared */
  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
    private readonly wanted: (code: DebugFunction) => boolean = () => true,
  ) {
    this.#values = new Values(target, view);
    this.#stops = new CodeStops(target, () => this.#boundaries());
  }

  /** How the target's run ended; undefined while it has not. */
  get ended(): TargetStop | undefined {
    return this.#ended;
  }

  /** The reference stands in front of an instruction: goes there, too. `ended`: it cannot any more; its end may be one that the reference still reaches. */
  follow(reference: ReferenceState): Followed {
    const { functionIndex, offset } = reference;
    if (this.#functions.get(functionIndex)?.some(({ placed }) => placed.has(offset)) !== true) return 'not compared';
    for (;;) {
      const placed = this.#placedHere(reference);
      if (placed !== undefined) return this.#compareAt(placed, reference);
      const isAhead = this.#arrival !== undefined && this.#arrival.passed === undefined;
      if (isAhead && !this.#isOwed(reference)) return 'not compared';
      if (isAhead && !this.#endsSilently()) return this.#way();
      const parting = this.#advance(reference);
      if (parting !== undefined) return parting !== 'ended' || this.#isOwed(reference) ? parting : 'not compared';
    }
  }

  /** The reference has ended: so must this, without anything else on the way. */
  finish(): Parting | undefined {
    if (this.#ended === undefined && this.#arrival !== undefined && this.#arrival.passed === undefined) return this.#way();
    const parting = this.#advance(undefined);
    if (parting !== undefined) return parting === 'ended' ? undefined : parting;
    return this.#way();
  }

  /** All boundaries of the code that is there now, which is what is compared. */
  #boundaries(): ReadonlySet<number> {
    const functions = new Map<number, Followable[]>();
    const addresses = new Set<number>();
    for (const code of this.view.functions) {
      if (!this.wanted(code)) continue;
      functions.set(code.index, [...(functions.get(code.index) ?? []), this.#followable(code)]);
      for (const address of marksOf(code).addresses) addresses.add(address);
    }
    this.#functions = functions;
    return addresses;
  }

  #followable(code: DebugFunction): Followable {
    let followed = this.#known.get(code);
    if (followed === undefined) {
      const placed = new Map<number, Placed>();
      for (const address of marksOf(code).addresses) {
        for (const [order, boundary] of boundariesAt(code, address).entries()) {
          if (!silent.test(operationOf(textAt(code, boundary.wasmOffset)))) placed.set(boundary.wasmOffset, { order, boundary });
        }
      }
      followed = { code, placed, comparesOperands: !code.wasm.some(({ text }) => makesReferences.test(text)) };
      this.#known.set(code, followed);
    }
    return followed;
  }

  /** The reference's instruction, where the target stands in front of it. */
  #placedHere({ functionIndex, offset }: ReferenceState): Placed | undefined {
    if (this.#arrival === undefined) return undefined;
    const { followed, address, order } = this.#arrival;
    const { code, placed } = followed;
    const found = code.index === functionIndex ? placed.get(offset) : undefined;
    return found !== undefined && found.order >= order && code.begin + found.boundary.codeOffset === address ? found : undefined;
  }

  /** Had the target to come by the instruction? Where several kinds of code of a function are there, only what it executes can tell. */
  #isOwed({ functionIndex, offset }: ReferenceState): boolean {
    const executed = [this.#arrival?.from, this.#arrival?.followed].filter((followed) => followed?.code.index === functionIndex);
    const codes = executed.length > 0 ? executed : (this.#functions.get(functionIndex) ?? []);
    return codes.every((followed) => followed!.placed.has(offset));
  }

  /** What jumps to behind a label does not come by what lies before it at the same address. */
  #endsSilently(): boolean {
    const { followed, address } = this.#arrival!;
    return !followed.placed.has(boundariesAt(followed.code, address).at(-1)!.wasmOffset);
  }

  #way(): Parting {
    const { followed, address, order } = this.#arrival!;
    const at = boundariesAt(followed.code, address);
    const { wasmOffset } = at[order] ?? at.at(-1)!;
    return { kind: 'way', actual: `comes to ${followed.code.name} 0x${wasmOffset.toString(16)}` };
  }

  /** To the next boundary of what is compared. Undefined: there. */
  #advance(reference: ReferenceState | undefined): 'ended' | Parting | undefined {
    const { target, view } = this;
    const before = this.#arrival;
    for (;;) {
      if (this.#ended !== undefined) return 'ended';
      // It may stand in front of its first instruction already.
      if (this.#hasBegun) {
        const { instructions } = target;
        target.stops.pass(target.pc);
        const stop = target.run(longestWay);
        if (stop.why === 'count') return { kind: 'way', actual: `runs on for ${longestWay} machine instructions` };
        this.#stops.update();
        if (stop.why !== 'breakpoint' && stop.why !== 'interrupted') {
          this.#ended = stop;
          continue;
        }
        if (stop.why === 'interrupted' && target.instructions === instructions) continue;
      }
      this.#hasBegun = true;
      const address = view.position;
      const code = view.at(address);
      const followed = code === undefined || !this.wanted(code) ? undefined : this.#followable(code);
      if (followed === undefined) continue;
      const order = firstOrder(target, code);
      if (!boundariesAt(code, address).some(({ wasmOffset }, at) => at >= order && followed.placed.has(wasmOffset))) continue;
      this.#arrival = { followed, from: before?.followed, address, order, passed: undefined };
      if (reference !== undefined && this.#placedHere(reference) !== undefined) return undefined;
      // Execution goes over to other code of a function between two instructions: both have a boundary there.
      const again = before?.passed === undefined || before.followed === followed ? undefined : followed.placed.get(before.passed);
      if (again === undefined || before?.followed.code.index !== code?.index || code!.begin + again.boundary.codeOffset !== address) return undefined;
    }
  }

  #compareAt(placed: Placed, reference: ReferenceState): 'equal' | Parting {
    const arrival = this.#arrival!;
    arrival.order = placed.order + 1;
    arrival.passed = reference.offset;
    const parting = this.#compare(arrival.followed, placed, reference);
    if (parting === undefined) this.compared++;
    return parting ?? 'equal';
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
