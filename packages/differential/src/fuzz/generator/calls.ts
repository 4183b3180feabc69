import type { ValueType } from '@fireball/wasm';
import { apply, block, i32, localGet, node, type Node } from '../tree.js';
import { consume } from './consume.js';
import type { Choices, FunctionGenerator, StatementMaker } from './function.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

/** A function calls itself at most this deep, from a single place outside of loops. */
export const recursionMask = 15;

const sameTypes = (a: readonly ValueType[], b: readonly ValueType[]): boolean => a.length === b.length && a.every((type, index) => type === b[index]);

/** Earlier functions that this place can afford to call; with `results`, those that leave just these. */
function callees(generator: FunctionGenerator, results?: readonly ValueType[]): number[] {
  return generator.plan.functions.flatMap(({ type, cost }, callee) =>
    callee < generator.index && cost !== undefined && generator.affords(cost) && (results === undefined || sameTypes(type.results, results)) ? [callee] : [],
  );
}

function argumentsOf(generator: FunctionGenerator, callee: number, depth: number): Node[] {
  const { type, recursive } = generator.plan.functions[callee]!;
  const args = generator.valuesOf(type.params, depth);
  return recursive && generator.random.chance(50) ? [i32(generator.random.below(6)), ...generator.valuesOf(type.params.slice(1), depth)] : args;
}

function call(generator: FunctionGenerator, results: readonly ValueType[] | undefined, depth: number): Node | undefined {
  const { random, plan } = generator;
  if (plan.features.has('tables') && random.chance(25)) {
    const indirect = indirectCall(generator, results, depth, 'call_indirect');
    if (indirect !== undefined) return indirect;
  }
  const candidates = callees(generator, results);
  if (candidates.length === 0) return undefined;
  const callee = random.pick(candidates);
  const { type, cost } = plan.functions[callee]!;
  generator.cost += cost! * generator.weight;
  return node('call', argumentsOf(generator, callee, depth), type.results, { a: callee });
}

/** A call through table 0; mostly to an element that is there and has the type. */
function indirectCall(
  generator: FunctionGenerator,
  results: readonly ValueType[] | undefined,
  depth: number,
  name: 'call_indirect' | 'return_call_indirect',
): Node | undefined {
  const { random, plan, index } = generator;
  const table = plan.tables.findIndex(({ element }) => element === 'funcref');
  if (table < 0 || index < plan.referable) return undefined;
  const referable = plan.functions.slice(0, plan.referable);
  const dearest = Math.max(...referable.map(({ cost }) => cost ?? Infinity));
  const fitting = referable.flatMap(({ type }, callee) => (results === undefined || sameTypes(type.results, results) ? [callee] : []));
  if (fitting.length === 0 || !generator.affords(dearest)) return undefined;
  generator.cost += dearest * generator.weight;
  const callee = random.pick(fitting);
  const { type } = plan.functions[callee]!;
  const args = generator.valuesOf(type.params, depth);
  // Table 0 starts with the functions in their order, as often as they fit.
  const element = random.weighted<() => Node>([
    [8, () => i32(callee)],
    [4, () => apply('i32.or', apply('i32.mul', apply('i32.and', generator.value('i32', 1), i32(0)), i32(3)), i32(callee))],
    [generator.isRisky ? 2 : 0.1, () => apply('i32.and', generator.value('i32', 1), i32(7))],
    [generator.isRisky ? 0.5 : 0, () => generator.value('i32', 1)],
  ])();
  return node(name, [...args, element], name === 'call_indirect' ? type.results : [], { type, b: table });
}

/** A call that leaves one value of this type. */
export function callValue(generator: FunctionGenerator, type: ValueType, depth: number): Node | undefined {
  return call(generator, [type], depth);
}

/** A call in place of the rest of the function. */
export function tailCall(generator: FunctionGenerator): Node | undefined {
  const { random, plan, type } = generator;
  if (!plan.features.has('tail-calls')) return undefined;
  if (plan.features.has('tables') && random.chance(30)) return indirectCall(generator, type.results, 2, 'return_call_indirect');
  const candidates = callees(generator, type.results);
  if (candidates.length === 0) return undefined;
  const callee = random.pick(candidates);
  generator.cost += plan.functions[callee]!.cost! * generator.weight;
  return node('return_call', argumentsOf(generator, callee, 2), [], { a: callee });
}

const callStatement: StatementMaker = (generator) => {
  const made = call(generator, undefined, 3);
  return made === undefined ? undefined : [consume(generator, made)];
};

/** Calls the function itself, less deep each time. The caller makes it once, outside of loops. */
export function selfCall(generator: FunctionGenerator): Node {
  const { type, index, random } = generator;
  const depth = (): Node => apply('i32.and', localGet(0, 'i32'), i32(recursionMask));
  const args = [apply('i32.sub', depth(), i32(1)), ...generator.valuesOf(type.params.slice(1), 3)];
  const isTail = generator.features.has('tail-calls') && random.chance(30);
  const inner = isTail ? node('return_call', args, [], { a: index }) : consume(generator, node('call', args, type.results, { a: index }));
  return block('if', generator.newLabel(), { params: [], results: [] }, [depth()], [inner]);
}

export function callStatements(_plan: ModulePlan, { calls }: Profile): Choices<StatementMaker> {
  return [[calls * 2, callStatement]];
}
