import { hex, InternalError, type ValueLocation } from '@fireball/contracts';
import { formatValue, sameValue, type AnyValue, type ExecutionView } from '@fireball/wasm';
import { describeWords, sameWords, type ValueDifference, type Words } from './differences.js';
import type { FunctionCode, PlacedBoundary } from './function-code.js';
import type { Heap } from './native-side.js';
import type { NativeState } from './native-state.js';

/** Compares what a function computes with: locals, operands, arguments, and constants that it keeps in registers. */
export class ValueComparison {
  constructor(
    private readonly state: NativeState,
    private readonly heap: Heap,
  ) {}

  /** Both are at this boundary. Values that the code has no use for are skipped. */
  boundaryDifferences({ locations }: FunctionCode, { boundary }: PlacedBoundary, view: ExecutionView): ValueDifference[] {
    const { operands } = boundary;
    if (operands.length !== view.operandCount) throw new InternalError(`${operands.length} operands recorded, ${view.operandCount} are there`);
    const locals = locations.locals.flatMap((location, index) => {
      if (location === undefined || !boundary.isLive(index)) return [];
      return this.difference('local', `local ${index}`, index, location, view.localWords(index));
    });
    const constants = locations.constants.flatMap(({ register, value }) => {
      const actual = this.state.register(register);
      if (actual === value) return [];
      const place = this.state.describe([{ kind: 'register', register }]);
      return [
        {
          kind: 'constant' as const,
          what: `constant ${hex(value)}`,
          index: null,
          address: null,
          place,
          expected: describeWords([value]),
          actual: describeWords([actual]),
        },
      ];
    });
    return [
      ...constants,
      ...locals,
      ...operands.flatMap((location, index) => this.difference('operand', `operand ${index} of ${operands.length}`, index, location, view.operandWords(index))),
    ];
  }

  /** `args`: the words that native code was entered with; the reference has them in its first locals. */
  argumentDifferences({ source }: FunctionCode, args: Words, view: ExecutionView): ValueDifference[] {
    let word = 0;
    return source.type.params.flatMap((type, index) => {
      const count = type === 'i64' || type === 'f64' ? 2 : 1;
      const actual = args.slice(word, (word += count));
      const expected = this.asNative(view.localWords(index).slice(0, count), actual);
      if (expected === undefined) return [];
      return [
        {
          kind: 'argument' as const,
          what: `argument ${index}`,
          index,
          address: null,
          place: null,
          expected: describeWords(expected),
          actual: describeWords(actual),
        },
      ];
    });
  }

  private difference(kind: 'local' | 'operand', what: string, index: number, location: ValueLocation, reference: Words): ValueDifference[] {
    const actual = this.state.words(location);
    if (actual === undefined) return [];
    const expected = this.asNative(reference.slice(0, location.length), actual);
    if (expected === undefined) return [];
    return [{ kind, what, index, address: null, place: this.state.describe(location), expected: describeWords(expected), actual: describeWords(actual) }];
  }

  /** The native words that stand for the reference's; undefined where `actual` does. References are numbers there, addresses here. */
  private asNative(expected: Words, actual: Words): Words | undefined {
    if (sameWords(expected, actual)) return undefined;
    const [number = 0] = expected;
    const isReference = expected.length === 1 && number > 0 && (actual[0] ?? 0) === (this.heap.referenceWord(number) | 0);
    return isReference ? undefined : expected;
  }
}

/** What the observed call gave to the host. */
export function resultDifferences(expected: readonly AnyValue[], actual: readonly AnyValue[]): ValueDifference[] {
  return expected.flatMap((value, index) => {
    const other = actual[index];
    if (other === undefined || sameValue(value, other, false)) return [];
    return [{ kind: 'result' as const, what: `result ${index}`, index, address: null, place: null, expected: formatValue(value), actual: formatValue(other) }];
  });
}
