import type { ReferenceType } from '@fireball/wasm';
import { apply, i32, node, zero, type Node } from '../tree.js';
import type { Choices, FunctionGenerator, StatementMaker, ValueMaker } from './function.js';
import type { ModulePlan } from './plan.js';

/** A reference that may stand in a table. */
function reference(generator: FunctionGenerator, type: ReferenceType): Node {
  const { random, plan } = generator;
  const table = plan.tables.findIndex(({ element }) => element === type);
  return random.weighted<() => Node>([
    [2, () => zero(type)],
    [type === 'funcref' ? 4 : 0, () => node('ref.func', [], [type], { a: random.below(plan.referable) })],
    [table < 0 ? 0 : 2, () => node('table.get', [position(generator, table)], [type], { a: table })],
  ])();
}

/** An index of a table, mostly inside of it. */
function position(generator: FunctionGenerator, table: number): Node {
  const { random, plan } = generator;
  const { min } = plan.tables[table]!;
  return random.chance(generator.isRisky ? 90 : 99) ? apply('i32.rem_u', generator.value('i32', 1), i32(Math.max(1, min))) : generator.value('i32', 1);
}

const length = (generator: FunctionGenerator): Node =>
  i32(
    generator.random.weighted([
      [20, generator.random.below(4)],
      [generator.isRisky ? 2 : 0, 100],
    ]),
  );

const change: StatementMaker = (generator) => {
  const { random, plan } = generator;
  const table = random.below(plan.tables.length);
  const { element } = plan.tables[table]!;
  const passive = plan.elementSegments.length === 0 ? undefined : random.pick(plan.elementSegments);
  const source = plan.tables.findIndex((candidate) => candidate.element === element);
  return random.weighted<() => readonly Node[]>([
    [4, () => [node('table.set', [position(generator, table), reference(generator, element)], [], { a: table })]],
    [2, () => [node('table.fill', [position(generator, table), reference(generator, element), length(generator)], [], { a: table })]],
    [2, () => [node('table.copy', [position(generator, table), position(generator, source), length(generator)], [], { a: table, b: source })]],
    [
      passive !== undefined && element === 'funcref' ? 2 : 0,
      () => [node('table.init', [position(generator, table), i32(random.below(3)), length(generator)], [], { a: passive!.index, b: table })],
    ],
    [passive !== undefined && random.chance(20) ? 1 : 0, () => [node('elem.drop', [], [], { a: passive!.index })]],
    [1, () => [node('drop', [node('table.grow', [reference(generator, element), i32(random.below(3))], ['i32'], { a: table })], [])]],
  ])();
};

export function tableStatements({ features, tables }: ModulePlan): Choices<StatementMaker> {
  return features.has('references') && tables.length > 0 ? [[2, change]] : [];
}

const isNull: ValueMaker = (generator) => {
  const { element } = generator.random.pick(generator.plan.tables);
  return node('ref.is_null', [reference(generator, element)], ['i32']);
};

const size: ValueMaker = (generator) => node('table.size', [], ['i32'], { a: generator.random.below(generator.plan.tables.length) });

/** What tables say about themselves in numbers. */
export function tableValues({ features, tables }: ModulePlan): Choices<ValueMaker> {
  return features.has('references') && tables.length > 0
    ? [
        [2, isNull],
        [1, size],
      ]
    : [];
}
