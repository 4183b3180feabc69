import { deepStrictEqual } from 'node:assert/strict';
import type { Frame, Session, Variable } from '@fireball/debugger';
import { Values } from '@fireball/debugger';
import type { LoadedModule } from '@fireball/engines';
import { InstructionReader, operandTypesOf, type ValueType } from '@fireball/wasm';
import { doesNothing, type Moment } from './moments.js';

/** How much has been compared with the reference. */
export interface Tally {
  visited: number;
  /** Words, or pairs of them. */
  values: number;
  /** Positions inside of instructions, routines and handlers. */
  inside: number;
  /** Functions that are being entered. */
  entered: number;
  /** Activations other than the innermost. */
  callers: number;
  /** Positions inside of an instruction that the reference does not stop at. */
  silent: number;
}

function isSilent({ code, boundary }: Frame): boolean {
  return doesNothing(code!.wasm.find(({ offset }) => offset === boundary!.wasmOffset)!.text);
}

const isReference = (type: string | undefined): boolean => type === 'funcref' || type === 'externref';

/** Holds what a session shows against the reference; references are numbers there and addresses here, and not compared. */
export class FrameComparison {
  readonly tally: Tally = { visited: 0, values: 0, inside: 0, entered: 0, callers: 0, silent: 0 };
  readonly #values: Values;
  readonly #types = new Map<number, ReadonlyMap<number, readonly ValueType[]>>();

  constructor(
    private readonly loaded: LoadedModule,
    session: Session,
  ) {
    this.#values = new Values(session.target, session.view);
  }

  /**
   * All activations where the session stands, inside of an instruction or exactly in front of one.
   * @param moment what the reference did last; undefined before its first instruction
   * @param upcoming what it does then, as far as that may have been begun
   */
  compare(frames: readonly Frame[], moment: Moment | undefined, upcoming: readonly Moment[]): void {
    const { tally } = this;
    const [first] = frames;
    const [next] = upcoming;
    const isExact = first?.exact === true;
    const depth = moment?.frames ?? 0;
    tally.visited++;
    if (!isExact) tally.inside++;
    this.#globals([...(moment === undefined ? [] : [moment]), ...upcoming]);
    if (first?.entry === true && next !== undefined && next.frames >= depth && first.code?.index === next.function) {
      this.#locals(first, next);
      tally.entered++;
    }
    let known = frames.filter(({ boundary }) => boundary !== undefined);
    if (known.length === depth + 1 && isSilent(known[0]!)) {
      // The function begins with what the reference does not stop at.
      known = known.slice(1);
      tally.silent++;
    }
    // It is ahead where an activation goes on with such.
    agree('depth', isExact && !isSilent(first) ? known.length === depth : known.length <= depth, true);
    // Inside of an instruction that returns, activations are gone already.
    let expected = moment;
    for (let gone = depth - known.length; gone > 0; gone--) expected = expected?.caller;
    for (const frame of known) {
      if (expected === undefined) break;
      const callee = frames[frames.indexOf(frame) - 1];
      const isCaller = callee?.code !== undefined;
      if (!isCaller && isSilent(frame)) tally.silent++;
      else if (isCaller || expected !== moment) this.#caller(frame, expected);
      else this.#innermost(frame, moment);
      expected = expected.caller;
    }
  }

  #innermost(frame: Frame, moment: Moment): void {
    agree('instruction', frame.boundary?.wasmOffset, moment.offset);
    this.#locals(frame, moment);
    const operands = this.#values.operands(frame);
    agree('operands', operands.length, moment.operands.length);
    this.#operands(operands, moment);
  }

  /** In a call that goes on, or has just ended, which has taken some of its operands. */
  #caller(frame: Frame, moment: Moment): void {
    agree('caller', frame.code?.index, moment.function);
    agree('instruction of the caller', frame.boundary?.wasmOffset, moment.offset);
    this.#locals(frame, moment);
    const operands = this.#values.operands(frame);
    agree('operands of the caller', operands.length, moment.operands.length - this.#takenBy(moment));
    this.#operands(operands, moment);
    this.tally.callers++;
  }

  /** Operands that the call takes. */
  #takenBy({ offset }: Moment): number {
    const { module } = this.loaded;
    const reader = new InstructionReader(module.bytes, offset);
    reader.read();
    const isIndirect = reader.op.name === 'call_indirect';
    const type = module.types[isIndirect ? reader.a : module.functionTypes[reader.a]!]!;
    return type.params.length + (isIndirect ? 1 : 0);
  }

  #locals(frame: Frame, { locals }: Moment): void {
    for (const [index, variable] of this.#values.locals(frame).entries()) if (!isReference(variable.type)) this.#value(variable, locals[index]!);
  }

  #operands(operands: readonly Variable[], { function: index, offset, operands: expected }: Moment): void {
    const types = this.#typesOf(index).get(offset)!;
    for (const [at, variable] of operands.entries()) if (!isReference(types[at])) this.#value(variable, expected[at]!);
  }

  #value({ name, words, was }: Variable, expected: readonly number[]): void {
    const value = words ?? was;
    if (value === undefined) return;
    for (const [index, word] of value.entries()) if (word !== expected[index]) agree(name, value, expected);
    this.tally.values++;
  }

  /** Between two moments the instruction may have written already, or not yet, or one of two words. */
  #globals(moments: readonly Moment[]): void {
    for (const [index, { name, words, type }] of this.#values.globals().entries()) {
      if (isReference(type)) continue;
      const isShown = words?.every((word, at) => moments.some(({ globals }) => word === globals[index]![at])) === true;
      if (!isShown)
        agree(
          name,
          words,
          moments.map(({ globals }) => globals[index]),
        );
      this.tally.values++;
    }
  }

  #typesOf(index: number): ReadonlyMap<number, readonly ValueType[]> {
    const types =
      this.#types.get(index) ??
      operandTypesOf(
        this.loaded.module,
        this.loaded.validated.functions.find((candidate) => candidate.index === index)!,
      );
    this.#types.set(index, types);
    return types;
  }
}

/** @throws AssertionError; values are compared deeply where they are not the same */
export function agree(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) deepStrictEqual({ [what]: actual }, { [what]: expected });
}
