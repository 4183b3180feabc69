import { opcodeByName, type MemoryAccessOpName, type NumberType } from '@fireball/wasm';
import { apply, i32, localGet, localSet, node, type Node } from '../tree.js';
import { insideAddress } from './addresses.js';
import { canonicalised } from './canonical-nan.js';
import type { Choices, FunctionGenerator, StatementMaker } from './function.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

const loads = {
  i32: ['i32.load', 'i32.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u'],
  i64: ['i64.load', 'i64.load', 'i64.load8_s', 'i64.load8_u', 'i64.load16_s', 'i64.load16_u', 'i64.load32_s', 'i64.load32_u'],
  f32: ['f32.load'],
  f64: ['f64.load'],
} as const satisfies Record<NumberType, readonly MemoryAccessOpName[]>;

const stores = {
  i32: ['i32.store', 'i32.store', 'i32.store8', 'i32.store16'],
  i64: ['i64.store', 'i64.store', 'i64.store8', 'i64.store16', 'i64.store32'],
  f32: ['f32.store'],
  f64: ['f64.store'],
} as const satisfies Record<NumberType, readonly MemoryAccessOpName[]>;

/** An address operand and the offset that the instruction adds to it without wrapping. */
interface Address {
  readonly base: Node;
  readonly offset: number;
}

const smallOffsets = [0, 0, 0, 4, 8, 12, 16, 1, 2, 3, 28, 60, 124, 127, 128, 252, 255, 256, 1020, 1024, 2047, 2048, 4092, 4095, 4096];

/** Any of the forms in which compilers write addresses; nearly all of them inside of memory. */
function address(generator: FunctionGenerator): Address {
  const { random, plan, pointers, isRisky } = generator;
  const offset = random.pick(smallOffsets);
  const rare = isRisky ? 1 : 0;
  const pointer = pointers.length > 0 ? localGet(random.pick(pointers), 'i32') : undefined;
  return random.weighted<() => Address>([
    [pointer === undefined ? 0 : 10, () => ({ base: pointer!, offset })],
    // The addition wraps at 32 bits, an offset does not (hazard 5): only where the pointer is small do they differ.
    [
      pointer === undefined ? 0 : 8,
      () => ({
        base: apply('i32.add', pointer!, i32(random.between(isRisky ? -64 : 0, 64) * random.pick([1, 4, 16]))),
        offset: random.pick([0, 0, 4, offset]),
      }),
    ],
    [pointer === undefined ? 0 : 2, () => ({ base: apply('i32.sub', pointer!, i32(random.between(-64, isRisky ? 64 : 0) * 4)), offset: 0 })],
    [pointer === undefined ? 0 : 4, () => ({ base: apply('i32.add', pointer!, scaledIndex(generator)), offset })],
    [pointer === undefined ? 0 : 2, () => ({ base: apply('i32.add', scaledIndex(generator), pointer!), offset })],
    [4, () => ({ base: i32(random.below(4096)), offset })],
    [2 * rare, () => ({ base: i32(plan.nearEnd(random)), offset: random.pick([0, 0, 1, 4, offset]) })],
    [rare, () => ({ base: i32(random.pick([0, 4, -4, -1, -offset])), offset: plan.nearEnd(random) })],
    [
      8,
      () => ({
        base: apply('i32.and', generator.value('i32', 2), i32(random.pick([0xff, 0x7ffc, 0x3fff, isRisky ? 0xfff8 : 0xfe00, 0x7f80]))),
        offset: random.pick([0, 0, 4, 8, 20]),
      }),
    ],
    [rare / 2, () => ({ base: generator.value('i32', 2), offset: random.chance(80) ? offset : random.word() })],
  ])();
}

/** A small index times an element size. */
function scaledIndex(generator: FunctionGenerator): Node {
  const { random } = generator;
  const index = apply('i32.and', generator.value('i32', 1), i32(random.pick([3, 15, 63, 255])));
  return random.chance(70) ? apply('i32.shl', index, i32(random.below(4))) : apply('i32.mul', index, i32(random.pick([2, 4, 8, 12, 20])));
}

function access(generator: FunctionGenerator, name: MemoryAccessOpName, { base, offset }: Address, value?: Node): Node {
  const { access: shape, signature } = opcodeByName(name);
  // Usually the natural alignment, which promises nothing.
  const alignment = generator.random.chance(70) ? shape!.naturalAlignment : generator.random.between(0, shape!.naturalAlignment);
  return node(name, value === undefined ? [base] : [base, value], signature!.results, { a: alignment, b: offset });
}

export function loadOf(generator: FunctionGenerator, type: NumberType): Node {
  generator.spend();
  return access(generator, generator.random.pick(loads[type]), address(generator));
}

function stored(generator: FunctionGenerator, type: NumberType): Node {
  const value = generator.value(type);
  return type === 'f32' || type === 'f64' ? canonicalised(generator, type, value) : value;
}

const store: StatementMaker = (generator) => {
  const type = generator.anyType() as NumberType;
  return [access(generator, generator.random.pick(stores[type]), address(generator), stored(generator, type))];
};

/** Neighbouring accesses through one pointer, as to the fields of a record; sometimes the last ones are outside of memory. */
const run: StatementMaker = (generator) => {
  const { random, pointers, plan, isRisky } = generator;
  if (pointers.length === 0) return undefined;
  const local = random.pick(pointers);
  const stride = random.pick([1, 2, 4, 4, 4, 8, 12]);
  const first = random.pick([0, 0, 0, 4, isRisky ? -16 : 16, isRisky ? -4 : 1, 32, 1016, 4080]);
  const list: Node[] = isRisky && random.chance(8) ? [localSet(local, i32(plan.nearEnd(random)))] : [];
  for (let step = 0, count = random.between(2, 7); step < count; step++) {
    generator.spend();
    const distance = first + step * stride;
    const added = distance < 0 || random.chance(25);
    const place: Address = {
      base: added ? apply('i32.add', localGet(local, 'i32'), i32(distance)) : localGet(local, 'i32'),
      offset: added ? 0 : distance,
    };
    const type = generator.anyType() as NumberType;
    list.push(
      random.chance(60)
        ? access(generator, random.pick(stores[type]), place, stored(generator, type))
        : localSet(generator.writableLocal(type), access(generator, random.pick(loads[type]), place)),
    );
  }
  return list;
};

/** Reads, changes and writes one place. */
const update: StatementMaker = (generator) => {
  const { random } = generator;
  const place = address(generator);
  if (place.base.args.length > 0) return undefined;
  const value = access(generator, random.pick(loads.i32), place);
  const changed = apply(random.pick(['i32.add', 'i32.xor', 'i32.sub', 'i32.or']), value, generator.value('i32', 2));
  return [access(generator, random.pick(stores.i32), place, changed)];
};

/** Moves a pointer a little. */
const advance: StatementMaker = ({ pointers, random }) => {
  if (pointers.length === 0) return undefined;
  const local = random.pick(pointers);
  return [localSet(local, apply('i32.add', localGet(local, 'i32'), i32(random.pick([1, 2, 4, 8, 16, -4, -1]))))];
};

const repoint: StatementMaker = (generator) => {
  if (generator.pointers.length === 0) return undefined;
  return [localSet(generator.random.pick(generator.pointers), insideAddress(generator))];
};

const bulk: StatementMaker = (generator) => {
  const { random, plan, isRisky } = generator;
  const place = (): Node => (!isRisky || random.chance(93) ? apply('i32.and', generator.value('i32', 2), i32(0x7fff)) : generator.value('i32', 2));
  const length = (): Node =>
    !isRisky || random.chance(93) ? apply('i32.and', generator.value('i32', 2), i32(random.pick([7, 63, 255]))) : i32(plan.nearEnd(random));
  const segment = random.below(Math.max(1, plan.dataSegments.length));
  return random.weighted<() => readonly Node[] | undefined>([
    [4, () => [node('memory.fill', [place(), generator.value('i32', 2), length()], [])]],
    [5, () => [node('memory.copy', [place(), place(), length()], [])]],
    [plan.dataSegments.length > 0 ? 3 : 0, () => [node('memory.init', [place(), i32(random.below(8)), i32(random.below(24))], [], { a: segment })]],
    [plan.dataSegments.length > 0 && random.chance(10) ? 1 : 0, () => [node('data.drop', [], [], { a: segment })]],
  ])();
};

export function memoryStatements({ memoryBytes, features }: ModulePlan, { memory }: Profile): Choices<StatementMaker> {
  if (memoryBytes === 0) return [];
  return [
    [memory * 2, store],
    [memory, run],
    [memory / 2, update],
    [memory / 2, advance],
    [memory / 4, repoint],
    [features.has('bulk-memory') ? memory / 3 : 0, bulk],
  ];
}
