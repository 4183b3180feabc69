import type { NumberType, ValueType } from '@fireball/wasm';
import { apply, block, i32, localGet, localSet, localTee, node, operands, type Label, type Node } from '../tree.js';
import { insideAddress } from './addresses.js';
import { tailCall } from './calls.js';
import { consume } from './consume.js';
import type { Choices, FunctionGenerator, StatementMaker, Target } from './function.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

/** How often the innermost loop body may run per call. */
const mostIterations = 200;

const noValues = { params: [], results: [] };

/** A block's code: statements, then its values. */
function arm(generator: FunctionGenerator, target: Target, results: readonly ValueType[], depth: number, most = 3): Node[] {
  return generator.within(target, () => {
    const list = generator.statements(most);
    // Sometimes the end is not reached: then the values never are.
    if (generator.random.chance(6)) {
      const left = leave(generator);
      if (left !== undefined) return [...list, { ...left, results }];
    }
    return [...list, ...generator.valuesOf(results, depth)];
  });
}

function forward(generator: FunctionGenerator, types: readonly ValueType[]): Target {
  return { label: generator.newLabel(), types, isLoop: false };
}

const nestable = (generator: FunctionGenerator): boolean => generator.nesting < generator.profile.nesting;

// Values

/** A block, an `if` or a branch that leaves values of these types. */
function structured(generator: FunctionGenerator, results: readonly ValueType[], depth: number): Node | undefined {
  const { random } = generator;
  const carrier = random.chance(35) ? generator.forwardTarget(results) : undefined;
  if (carrier !== undefined) {
    const args = [...generator.valuesOf(results, depth), generator.condition(depth)];
    return node('br_if', args, results, { labels: [carrier.label] });
  }
  if (!nestable(generator)) return undefined;
  const params = random.chance(15) ? [generator.anyType()] : [];
  const type = { params, results };
  const target = forward(generator, results);
  const given = generator.valuesOf(params, depth);
  const begin = (): Node[] => (params.length === 0 ? [] : [consume(generator, operands(params))]);
  if (random.chance(45)) return block('block', target.label, type, given, [...begin(), ...arm(generator, target, results, depth)]);
  const condition = generator.condition(depth);
  return block(
    'if',
    target.label,
    type,
    [...given, condition],
    [...begin(), ...arm(generator, target, results, depth, 2)],
    [...begin(), ...arm(generator, target, results, depth, 2)],
  );
}

/** A value that control flow brings; undefined where nothing fits. */
export function controlValue(generator: FunctionGenerator, type: ValueType, depth: number): Node | undefined {
  if (generator.random.chance(15)) return nestable(generator) ? accumulator(generator, type, depth) : undefined;
  if (generator.random.chance(15)) return nestable(generator) ? switchOf(generator, [type], depth) : undefined;
  return structured(generator, [type], depth);
}

export function pairOf(generator: FunctionGenerator, type: NumberType, depth: number): Node | undefined {
  return structured(generator, [type, type], depth);
}

/** A loop that carries a value on the stack from one iteration to the next. */
function accumulator(generator: FunctionGenerator, type: ValueType, depth: number): Node | undefined {
  const count = generator.random.between(1, 5);
  if (generator.weight * count > mostIterations || generator.exhausted) return undefined;
  const counter = generator.newPrivateLocal('i32');
  const start = generator.value(type, depth);
  const label = generator.newLabel();
  const local = generator.writableLocal(type);
  const body = repeated(generator, count, { label, types: [type], isLoop: true }, () => [
    localSet(local, operands([type])),
    ...generator.statements(2),
    node('br_if', [generator.value(type, depth), countDown(counter)], [type], { labels: [label] }),
  ]);
  return block('loop', label, { params: [type], results: [type] }, [localSet(counter, i32(count)), start], body);
}

function repeated(generator: FunctionGenerator, count: number, target: Target, make: () => Node[]): Node[] {
  generator.weight *= count;
  const made = generator.within(target, make);
  generator.weight /= count;
  return made;
}

const countDown = (counter: number): Node => localTee(counter, 'i32', apply('i32.sub', localGet(counter, 'i32'), i32(1)));

// Statements

const conditional: StatementMaker = (generator) => {
  if (!nestable(generator)) return undefined;
  const target = forward(generator, []);
  const condition = generator.condition();
  const then = arm(generator, target, [], 2, 4);
  const otherwise = generator.random.chance(50) ? arm(generator, target, [], 2, 3) : undefined;
  return [block('if', target.label, noValues, [condition], then, otherwise)];
};

const plainBlock: StatementMaker = (generator) => {
  if (!nestable(generator)) return undefined;
  const count = generator.random.weighted([
    [6, 0],
    [3, 1],
    [1, 2],
    [1, 3],
  ]);
  const results = Array.from({ length: count }, () => generator.anyType());
  const made = structured(generator, results, 3);
  return made === undefined ? undefined : [consume(generator, made)];
};

/** The forms of counted loops that compilers and people write. */
const loop: StatementMaker = (generator) => {
  const { random } = generator;
  const count = random.weighted([
    [8, random.between(1, 6)],
    [2, random.between(7, 20)],
  ]);
  if (!nestable(generator) || generator.weight * count > mostIterations) return undefined;
  const counter = generator.newPrivateLocal('i32');
  const label = generator.newLabel();
  const target: Target = { label, types: [], isLoop: true };
  const again = (condition: Node): Node => node('br_if', [condition], [], { labels: [label] });
  const make = (body: () => Node[]): Node => block('loop', label, noValues, [], repeated(generator, count, target, body));
  const stepUp = (): Node => localTee(counter, 'i32', apply('i32.add', localGet(counter, 'i32'), i32(1)));
  const inner = (): Node[] => generator.statements(5);
  return random.weighted<() => readonly Node[]>([
    [4, () => [localSet(counter, i32(count)), make(() => [...inner(), again(countDown(counter))])]],
    [4, () => [localSet(counter, i32(0)), make(() => [...inner(), again(apply(random.pick(['i32.lt_s', 'i32.lt_u', 'i32.ne']), stepUp(), i32(count)))])]],
    [3, () => whileLoop(generator, counter, count, make, label)],
    // Two ways back: both count, and a count below zero ends the loop too.
    [
      2,
      () => [
        localSet(counter, i32(count)),
        make(() => [
          ...inner(),
          block('if', generator.newLabel(), noValues, [generator.condition(2)], [again(apply('i32.gt_s', countDown(counter), i32(0)))]),
          ...inner(),
          again(apply('i32.gt_s', countDown(counter), i32(0))),
        ]),
      ],
    ],
    [generator.plan.memoryBytes > 0 ? 3 : 0, () => walkLoop(generator, counter, count, make, again)],
  ])();
};

/** The test comes first, and the number of rounds is known at run time only. */
function whileLoop(generator: FunctionGenerator, counter: number, count: number, make: (body: () => Node[]) => Node, label: Label): Node[] {
  const exit = forward(generator, []);
  const rounds = generator.random.chance(50) ? i32(count) : apply('i32.and', generator.value('i32', 2), i32(2 ** Math.floor(Math.log2(count)) - 1));
  const body = generator.within(exit, () =>
    make(() => [
      node('br_if', [apply('i32.eqz', localGet(counter, 'i32'))], [], { labels: [exit.label] }),
      ...generator.statements(4),
      localSet(counter, apply('i32.sub', localGet(counter, 'i32'), i32(1))),
      node('br', [], [], { labels: [label] }),
    ]),
  );
  return [localSet(counter, rounds), block('block', exit.label, noValues, [], [body])];
}

/** A pointer walks over memory up to its end value. */
function walkLoop(generator: FunctionGenerator, end: number, count: number, make: (body: () => Node[]) => Node, again: (condition: Node) => Node): Node[] {
  const { random } = generator;
  const stride = random.pick([1, 2, 4, 4, 8, 12]);
  const pointer = generator.newPrivateLocal('i32');
  const start = insideAddress(generator);
  const move = localTee(pointer, 'i32', apply('i32.add', localGet(pointer, 'i32'), i32(stride)));
  const body = make(() => {
    generator.pointers.push(pointer);
    const list = [...generator.statements(4)];
    // Other code must not move it, or it might never meet its end.
    generator.pointers.splice(generator.pointers.indexOf(pointer), 1);
    return [
      localSet(generator.writableLocal('i32'), node('i32.load', [localGet(pointer, 'i32')], ['i32'], { a: 2, b: random.pick([0, 4]) })),
      ...list,
      node('i32.store8', [localGet(pointer, 'i32'), generator.value('i32', 2)], []),
      again(apply(random.pick(['i32.ne', 'i32.lt_u']), move, localGet(end, 'i32'))),
    ];
  });
  return [localSet(pointer, start), localSet(end, apply('i32.add', localGet(pointer, 'i32'), i32(stride * count))), body];
}

/** Nested blocks whose innermost one ends in a branch table; each case does something with the value that it is given. */
function switchOf(generator: FunctionGenerator, types: readonly ValueType[], depth: number): Node | undefined {
  const { random } = generator;
  const cases = random.chance(3) ? random.between(20, 60) : random.between(1, 5);
  const targets = Array.from({ length: cases + 1 }, () => forward(generator, types));
  const [outer] = targets;
  const type = { params: [], results: types };
  // From the inside out: every label of the table is around its branch.
  const make = (level: number): Node =>
    generator.within(targets[level]!, () => {
      if (level === cases) {
        const args = [...generator.statements(1), ...generator.valuesOf(types, depth), index(generator, cases)];
        const count = random.between(1, cases + 3);
        const labels = Array.from({ length: count }, () => random.pick(targets).label);
        return block('block', targets[level]!.label, type, [], [node('br_table', args, types, { labels })]);
      }
      const inner = consume(generator, make(level + 1));
      const last =
        random.chance(40) && level > 0 ? [node('br', generator.valuesOf(types, depth), types, { labels: [outer!.label] })] : generator.valuesOf(types, depth);
      return block('block', targets[level]!.label, type, [], [inner, ...generator.statements(1), ...last]);
    });
  return make(0);
}

function index(generator: FunctionGenerator, cases: number): Node {
  const value = generator.condition(2);
  return generator.random.chance(70) ? apply('i32.and', value, i32(2 ** Math.ceil(Math.log2(cases + 2)) - 1)) : value;
}

const switchStatement: StatementMaker = (generator) => {
  if (!nestable(generator)) return undefined;
  const types = generator.random.chance(60) ? [] : [generator.anyType()];
  const made = switchOf(generator, types, 2);
  return made === undefined ? undefined : [consume(generator, made)];
};

/** Code that goes somewhere else for good. */
function leave(generator: FunctionGenerator): Node | undefined {
  const { random } = generator;
  const choice = random.below(20);
  if (choice === 0) return node('unreachable', [], []);
  if (choice < 5) return tailCall(generator);
  const target = generator.forwardTarget();
  if (target === undefined || choice < 9) return node('return', generator.valuesOf(generator.type.results, 2), []);
  const values = generator.valuesOf(target.types, 2);
  if (choice < 17) return node('br', values, [], { labels: [target.label] });
  const labels = Array.from({ length: random.between(1, 6) }, () => generator.forwardTarget(target.types)!.label);
  return node('br_table', [...values, generator.value('i32', 2)], [], { labels });
}

/** Leaves under a condition. */
const exit: StatementMaker = (generator) => {
  if (!nestable(generator)) return undefined;
  const label = generator.newLabel();
  const condition = generator.condition();
  const body = generator.within({ label, types: [], isLoop: false }, () => {
    const before = generator.statements(1);
    const left = leave(generator);
    if (left === undefined) return undefined;
    // Code behind it is dead but must be valid.
    return [...before, left, ...(generator.random.chance(15) ? generator.statements(1) : [])];
  });
  return body === undefined ? undefined : [block('if', label, noValues, [condition], body)];
};

const branchIf: StatementMaker = (generator) => {
  const target = generator.forwardTarget();
  if (target === undefined || target.types.length > 3) return undefined;
  const args = [...generator.valuesOf(target.types, 3), generator.condition(3)];
  return [consume(generator, node('br_if', args, target.types, { labels: [target.label] }))];
};

const dropped: StatementMaker = (generator) => {
  const type = generator.anyType();
  return [node('drop', [generator.value(type)], [])];
};

const nothing: StatementMaker = () => [node('nop', [], [])];

/** A value of a structured kind, into a local. */
const blockValue: StatementMaker = (generator) => {
  const type = generator.anyType();
  const made = controlValue(generator, type, 3);
  return made === undefined ? undefined : [consume(generator, made)];
};

export function controlStatements(_plan: ModulePlan, { control }: Profile): Choices<StatementMaker> {
  return [
    [control * 2, conditional],
    [control * 2, loop],
    [control, plainBlock],
    [control, blockValue],
    [control / 2, switchStatement],
    [control / 2, exit],
    [control, branchIf],
    [0.5, dropped],
    [0.2, nothing],
  ];
}
