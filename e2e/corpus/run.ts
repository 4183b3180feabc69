import { describeOutcome, missingProof } from '@fireball/differential';
import { ModuleTrapError, type Engine, type EngineOptions, type LinkedInstance, type Linker, type Outcome } from '@fireball/engines';
import { decodeModule, f32ToBits, f64ToBits, formatValue, functionTypeOf, sameValue, type FunctionType, type TrapKind, type Value, type ValueType } from '@fireball/wasm';
import { withPages } from '../src/testing/pages.js';
import type { Bits, Call, Expected, Literal, Row, RowModule } from './row.js';

/** The same limits on every engine (hazard 15); native code is watched. */
const options = { fuel: 10_000_000, maxPages: 16, sandbox: true };

interface Member {
  /** Undefined where instantiation trapped. */
  readonly instance: LinkedInstance | undefined;
  /** Types of the exported functions. */
  readonly types: ReadonlyMap<string, FunctionType>;
}

/**
 * Runs a row on an engine and says, a line each, in what it differs from what the row expects.
 * @param assemble from the text format
 * @param more how it is run beside that
 * @throws UnsupportedError where the engine cannot run the row
 */
export async function runRow(
  row: Row,
  engine: Engine,
  assemble: (wat: string) => Promise<Uint8Array>,
  more: Pick<EngineOptions, 'compiler'> = {},
): Promise<string[]> {
  const linker = engine.createLinker({ ...options, ...more });
  const members = new Map<string, Member>();
  try {
    for (const module of row.modules) {
      const bytes = await bytesOf(module, assemble);
      const problem = await start(linker, module, bytes, members);
      if (problem !== undefined) return [problem];
    }
    const last = row.modules.at(-1)!.name;
    return row.calls.flatMap((call) => runCall(call, last, members, engine) ?? []);
  } finally {
    linker.close();
  }
}

/** A row's module; `assemble` reads the text format. */
export async function bytesOf({ wat, pages }: RowModule, assemble: (wat: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  const bytes = await assemble(wat);
  return pages === undefined ? bytes : withPages(bytes, pages);
}

async function start(linker: Linker, { name, trap }: RowModule, bytes: Uint8Array, members: Map<string, Member>): Promise<string | undefined> {
  const module = linker.load(name, bytes);
  let instance: LinkedInstance | undefined;
  let kinds: readonly TrapKind[] | undefined;
  try {
    instance = await module.instantiate((from, field) => members.get(from)?.instance?.exports.get(field));
  } catch (error) {
    if (!(error instanceof ModuleTrapError)) throw error;
    kinds = error.trap.kinds;
  }
  members.set(name, { instance, types: exportedTypes(bytes) });
  const agrees = trap === undefined ? kinds === undefined : kinds?.includes(trap);
  return agrees === true ? undefined : `${name}: expected ${trap ?? 'an instance'}, got ${kinds?.join(' or ') ?? 'an instance'}`;
}

function exportedTypes(bytes: Uint8Array): ReadonlyMap<string, FunctionType> {
  const module = decodeModule(bytes);
  return new Map(module.exports.filter(({ kind }) => kind === 'function').map(({ name, index }) => [name, functionTypeOf(module, index)!]));
}

function runCall([target, args, expected]: Call, last: string, members: ReadonlyMap<string, Member>, engine: Engine): string | undefined {
  const [name, owner = last] = target.split('.').reverse() as [string, string?];
  const { instance, types } = members.get(owner) ?? {};
  const type = types?.get(name);
  if (instance === undefined || type === undefined) return `the row has no function ${target}`;
  const values = valuesOf(args, type.params);
  const outcome = instance.invoke(name, values);
  const call = `${target}(${values.map(formatValue).join(', ')})`;
  const missing = missingProof(engine, outcome);
  if (missing !== undefined) return `${call}: ${missing.actual}`;
  if (agrees(outcome, expected, type.results, engine.nanByClass)) return undefined;
  const wanted = typeof expected === 'string' ? `trap: ${expected}` : valuesOf(listOf(expected), type.results).map(formatValue).join(', ');
  return `${call}: expected ${wanted || 'no result'}, got ${describeOutcome(outcome)}`;
}

function agrees({ results, trap }: Outcome, expected: Expected, types: readonly ValueType[], nanByClass: boolean): boolean {
  if (typeof expected === 'string') return trap?.kinds.includes(expected) ?? false;
  const values = valuesOf(listOf(expected), types);
  return trap === null && values.every((value, index) => sameValue(value, results[index]!, nanByClass));
}

function listOf(expected: Exclude<Expected, TrapKind>): readonly Literal[] {
  return Array.isArray(expected) ? (expected as readonly Literal[]) : [expected as Literal];
}

export function valuesOf(literals: readonly Literal[], types: readonly ValueType[]): Value[] {
  if (literals.length !== types.length) throw new TypeError(`${literals.length} values for types ${types.join(' ')}`);
  return types.map((type, index) => valueOf(literals[index]!, type));
}

/** A literal as a value of a type. A number that the type cannot hold exactly is a mistake in the row. */
function valueOf(literal: Literal, type: ValueType): Value {
  switch (type) {
    case 'i32':
      if (typeof literal === 'number' && Number.isInteger(literal) && literal >= -(2 ** 31) && literal < 2 ** 32) return { type, value: literal | 0 };
      break;
    case 'i64':
      if (typeof literal === 'bigint' && literal >= -(2n ** 63n) && literal < 2n ** 64n) return { type, value: BigInt.asIntN(64, literal) };
      break;
    case 'f32':
      if (typeof literal === 'number' && Object.is(Math.fround(literal), literal)) return { type, value: f32ToBits(literal) };
      if (isBits(literal)) return { type, value: Number(literal.bits) };
      break;
    case 'f64':
      if (typeof literal === 'number') return { type, value: f64ToBits(literal) };
      if (isBits(literal)) return { type, value: BigInt(literal.bits) };
      break;
    case 'funcref':
    case 'externref':
      if (literal === null) return { type, value: null };
      if (type === 'externref') return { type, value: literal };
  }
  throw new TypeError(`${isBits(literal) ? `bits ${literal.bits}` : String(literal)} is no ${type}`);
}

function isBits(literal: Literal): literal is Bits {
  return typeof literal === 'object' && literal !== null;
}
