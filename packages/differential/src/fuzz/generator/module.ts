import { Random } from '@fireball/engines';
import { type FunctionType, type Value, type ValueType, wasmPageSize } from '@fireball/wasm';
import { encodeModule } from '../encode.js';
import type { Features } from '../features.js';
import { i32, node, type Node, type TreeElements, type TreeGlobal, type TreeModule } from '../tree.js';
import { recursionMask, selfCall } from './calls.js';
import { argument, constant } from './constants.js';
import { FunctionGenerator } from './function.js';
import { makersOf } from './makers.js';
import { ModulePlan, type PlannedFunction, type PlannedTable } from './plan.js';
import { chooseProfile, chooseType, type Profile } from './profile.js';

/** One call of a case. */
export interface FuzzCall {
  readonly function: string;
  readonly args: readonly Value[];
}

interface GeneratedCase {
  readonly tree: TreeModule;
  readonly bytes: Uint8Array;
  readonly calls: readonly FuzzCall[];
}

/** Result words that travel in registers (jit/ABI.md); more of them are a feature of their own. */
const registerResultWords = 4;
const callsOfFunction = 3;

/** A valid module whose functions all end soon, and calls of them. The same seed and features give the same case. */
export function generateCase(seed: number, features: Features): GeneratedCase {
  const random = new Random(seed);
  const profile = chooseProfile(random);
  // Floats that cross the border to the host cost V8 a second module, so most modules keep them inside.
  const floatsAtBorder = random.chance(25);
  const plan = planModule(random, features, profile, floatsAtBorder);
  const functions = plan.functions.map(({ type, recursive }, index) => {
    // Not every function of a module is made of the same stuff.
    const own = random.chance(70) || profile.size > 1000 ? profile : chooseProfile(random);
    const generator = new FunctionGenerator(plan, random, own, index, type, recursive, makersOf(plan, own));
    const made = generator.finish(exportName(index, type, floatsAtBorder), recursive ? selfCall : undefined);
    plan.functions[index]!.cost = generator.cost * (recursive ? recursionMask + 1 : 1);
    return made;
  });
  const elements = planElements(random, plan);
  const tree: TreeModule = {
    functions,
    tables: plan.tables,
    memory: plan.memoryBytes === 0 ? undefined : memoryLimits(random, plan),
    globals: plan.globals,
    start: startFunction(random, plan),
    elements,
    data: plan.memoryBytes === 0 ? [] : dataOf(random, plan),
  };
  const calls = functions.flatMap(({ type, exported }) =>
    Array.from({ length: exported === undefined ? 0 : type.params.length === 0 ? 1 : callsOfFunction }, () => ({
      function: exported!,
      args: type.params.map((param) => ({ type: param, value: argument(random, param) }) as Value),
    })),
  );
  return { tree, bytes: encodeModule(tree), calls };
}

const isFloat = (type: ValueType): boolean => type === 'f32' || type === 'f64';

function exportName(index: number, { params, results }: FunctionType, floatsAtBorder: boolean): string | undefined {
  return floatsAtBorder || ![...params, ...results].some(isFloat) ? `f${index}` : undefined;
}

function planModule(random: Random, features: Features, profile: Profile, floatsAtBorder: boolean): ModulePlan {
  const count = profile.size > 1000 ? random.between(1, 2) : random.between(1, 6);
  const functions = Array.from({ length: count }, (_, index): PlannedFunction => {
    const recursive = random.chance(12);
    // The last function is always called from outside.
    const isInside = !floatsAtBorder && index === count - 1;
    const type = functionType(random, isInside ? withoutFloats(features) : features, profile);
    return { type: recursive ? { ...type, params: ['i32', ...type.params] } : type, recursive, cost: undefined };
  });
  const globals = Array.from({ length: random.below(6) }, (): TreeGlobal => {
    const type = chooseType(random, floatsAtBorder ? features : withoutFloats(features), profile);
    return { type, mutable: random.chance(80), init: [constant(random, type)] };
  });
  const hasTables = features.has('tables') && random.chance(60);
  const tables = hasTables ? planTables(random, features) : [];
  const referable = Math.max(1, Math.floor(count / 2));
  const memoryBytes = random.chance(90)
    ? wasmPageSize *
      random.weighted([
        [9, 1],
        [1, 2],
      ])
    : 0;
  const passive = features.has('bulk-memory') && memoryBytes > 0 ? [randomBytes(random, 24)] : [];
  const elementSegments = features.has('references') && hasTables ? [{ index: 1, length: referable }] : [];
  return new ModulePlan(features, functions, globals, memoryBytes, tables, referable, passive, elementSegments);
}

function withoutFloats(features: Features): Features {
  return new Set([...features].filter((feature) => feature !== 'f32' && feature !== 'f64'));
}

function functionType(random: Random, features: Features, profile: Profile): FunctionType {
  const paramCount = random.weighted([
    [10, random.below(5)],
    [3, random.between(5, 9)],
    [1, random.between(10, 16)],
  ]);
  const resultCount = random.weighted([
    [2, 0],
    [12, 1],
    [2, 2],
    [1, random.between(3, features.has('many-results') ? 9 : 4)],
  ]);
  const types = (length: number): ValueType[] => Array.from({ length }, () => chooseType(random, features, profile));
  const results = types(resultCount);
  while (!features.has('many-results') && wordsOf(results) > registerResultWords) results.pop();
  return { params: types(paramCount), results };
}

function wordsOf(types: readonly ValueType[]): number {
  return types.reduce((words, type) => words + (type === 'i64' || type === 'f64' ? 2 : 1), 0);
}

function planTables(random: Random, features: Features): PlannedTable[] {
  const first: PlannedTable = { element: 'funcref', min: random.between(8, 20), max: 24 };
  if (!features.has('references')) return [first];
  return [first, { element: random.pick(['funcref', 'externref']), min: random.below(12), max: 14 }];
}

function planElements(random: Random, { tables, referable, elementSegments, functions }: ModulePlan): TreeElements[] {
  if (tables.length === 0) return [];
  const functionAt = (index: number): Node[] => [node('ref.func', [], ['funcref'], { a: index })];
  const items = Array.from({ length: Math.min(tables[0]!.min, referable + random.below(6)) }, (_, index) => functionAt(index % referable));
  const active: TreeElements = { type: 'funcref', mode: 'active', table: 0, position: [i32(0)], items };
  const passive = elementSegments.map(({ length }): TreeElements => ({
    type: 'funcref',
    mode: 'passive',
    table: 0,
    position: [],
    items: Array.from({ length }, () => functionAt(random.below(Math.min(referable, functions.length)))),
  }));
  return [active, ...passive];
}

/** Whether memory can grow decides how compilers check bounds. */
function memoryLimits(random: Random, { memoryBytes, features }: ModulePlan): NonNullable<TreeModule['memory']> {
  const min = memoryBytes / wasmPageSize;
  const max = random.pick([min, min + 1, min + 3]);
  return { min, max: random.chance(40) && !features.has('memory-size') ? undefined : max };
}

function startFunction(random: Random, { functions }: ModulePlan): number | undefined {
  const fitting = functions.flatMap(({ type }, index) => (type.params.length + type.results.length === 0 ? [index] : []));
  return fitting.length > 0 && random.chance(10) ? random.pick(fitting) : undefined;
}

/** Contents that loads find: near the start, in the middle, at the very end. The passive segments come first. */
function dataOf(random: Random, { memoryBytes, dataSegments }: ModulePlan): TreeModule['data'] {
  const active = [0, 1024, 0x3ff0, 0x7f00, memoryBytes - 32].map((position) => ({
    mode: 'active' as const,
    position: [i32(position)],
    bytes: randomBytes(random, 32),
  }));
  return [...dataSegments.map((bytes) => ({ mode: 'passive' as const, position: [], bytes })), ...active];
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}
