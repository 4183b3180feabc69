import { InternalError } from '@fireball/contracts';
import { opcodes, type Opcode, type OpName } from '../../opcodes.js';
import { canonicalNaN32, canonicalNaN64 } from '../../semantics/bits.js';
import { floatBinary, floatCompare, floatUnary } from '../../semantics/float.js';
import { isNumericOp, operationOf, semantics, type RawValue } from '../../semantics.js';
import type { ValueType } from '../../types.js';
import { isWide } from '../global.js';
import type { ExecutionState, Step } from '../structure.js';

type Unary32 = (x: number) => number;
type Binary32 = (x: number, y: number) => number;
type Binary64 = (x: bigint, y: bigint) => bigint;
type Compare64 = (x: bigint, y: bigint) => number;

const unary32 =
  (operation: Unary32): Step =>
  (m) => {
    const top = (m.sp - 1) << 1;
    m.words[top] = operation(m.words[top]!);
  };

const binary32 =
  (operation: Binary32): Step =>
  (m) => {
    const top = --m.sp << 1;
    m.words[top - 2] = operation(m.words[top - 2]!, m.words[top]!);
  };

const binary64 =
  (operation: Binary64): Step =>
  (m) => {
    const top = --m.sp;
    m.longs[top - 1] = operation(m.longs[top - 1]!, m.longs[top]!);
  };

const compare64 =
  (operation: Compare64): Step =>
  (m) => {
    const top = --m.sp;
    m.words[(top - 1) << 1] = operation(m.longs[top - 1]!, m.longs[top]!);
  };

/** Stores an f32 result: rounded by the typed array, NaNs canonical. */
function putSingle(m: ExecutionState, slot: number, value: number): void {
  if (Number.isNaN(value)) m.words[slot << 1] = canonicalNaN32;
  else m.singles[slot << 1] = value;
}

function putDouble(m: ExecutionState, slot: number, value: number): void {
  if (Number.isNaN(value)) m.longs[slot] = canonicalNaN64;
  else m.doubles[slot] = value;
}

function floatStep(type: 'f32' | 'f64', operation: string): Step | undefined {
  if (Object.hasOwn(floatUnary, operation)) {
    const apply = floatUnary[operation as keyof typeof floatUnary];
    return type === 'f32' ? (m) => putSingle(m, m.sp - 1, apply(m.singles[(m.sp - 1) << 1]!)) : (m) => putDouble(m, m.sp - 1, apply(m.doubles[m.sp - 1]!));
  }
  if (Object.hasOwn(floatBinary, operation)) {
    const apply = floatBinary[operation as keyof typeof floatBinary];
    return type === 'f32'
      ? (m) => {
          const top = --m.sp;
          putSingle(m, top - 1, apply(m.singles[(top - 1) << 1]!, m.singles[top << 1]!));
        }
      : (m) => {
          const top = --m.sp;
          putDouble(m, top - 1, apply(m.doubles[top - 1]!, m.doubles[top]!));
        };
  }
  if (Object.hasOwn(floatCompare, operation)) {
    const apply = floatCompare[operation as keyof typeof floatCompare];
    return type === 'f32'
      ? (m) => {
          const top = --m.sp << 1;
          m.words[top - 2] = apply(m.singles[top - 2]!, m.singles[top]!) ? 1 : 0;
        }
      : (m) => {
          const top = --m.sp;
          m.words[(top - 1) << 1] = apply(m.doubles[top - 1]!, m.doubles[top]!) ? 1 : 0;
        };
  }
  return undefined;
}

function readOperand(m: ExecutionState, slot: number, type: ValueType): RawValue {
  switch (type) {
    case 'f32':
      return m.words[slot << 1]! >>> 0;
    case 'f64':
      return BigInt.asUintN(64, m.longs[slot]!);
    case 'i64':
      return m.longs[slot]!;
    case 'i32':
    case 'funcref':
    case 'externref':
      return m.words[slot << 1]!;
  }
}

/** Any pure operation, by its signature. */
function genericStep(op: Opcode): Step {
  const { name, signature } = op;
  if (!isNumericOp(name) || signature === undefined) throw new InternalError(`no operation ${name}`);
  const operation = operationOf(name);
  const { params } = signature;
  const resultIsWide = signature.results.some(isWide);
  return (m) => {
    const bottom = m.sp - params.length;
    const result = operation(...params.map((type, index) => readOperand(m, bottom + index, type)));
    if (resultIsWide) m.longs[bottom] = result as bigint;
    else m.words[bottom << 1] = result as number;
    m.sp = bottom + 1;
  };
}

/**
 * The commonest shapes without the detour through a list of operands. What they compute comes from the same tables;
 * where the float views of the stack make raw bits superfluous, from the arithmetic on doubles beneath `semantics`.
 */
function numericStep(op: Opcode): Step | undefined {
  const { name, signature } = op;
  if (!isNumericOp(name) || signature === undefined) return undefined;
  const [family, operation] = name.split('.') as [string, string];
  if (family === 'f32' || family === 'f64') {
    const step = floatStep(family, operation);
    if (step !== undefined) return step;
  }
  const shape = `${signature.params.join(' ')}:${signature.results.join(' ')}`;
  switch (shape) {
    case 'i32:i32':
      return unary32(semantics[name] as Unary32);
    case 'i32 i32:i32':
      return binary32(semantics[name] as Binary32);
    case 'i64 i64:i64':
      return binary64(semantics[name] as Binary64);
    case 'i64 i64:i32':
      return compare64(semantics[name] as Compare64);
    default:
      return genericStep(op);
  }
}

/**
 * What makes `Work.units` of operations that are long routines on a core without hardware for them: at 100 instructions a unit, twice what
 * the longest of these routines executes (vsoc/guest/rom; 1,811 for f64.sqrt on RV32IMC).
 */
const longOperations: Partial<Record<OpName, number>> = { 'f64.sqrt': 40, 'f64.div': 8, 'f32.sqrt': 8 };

/** The step, which also counts the operation's units. */
function countedStep(op: Opcode): Step | undefined {
  const step = numericStep(op);
  const units = longOperations[op.name];
  if (step === undefined || units === undefined) return step;
  return (m) => {
    m.units += units;
    step(m);
  };
}

/** Steps of the pure numeric instructions by `Opcode.id`; they need no operands, so one step each serves all code. */
export const numericSteps: readonly (Step | undefined)[] = opcodes.map(countedStep);
