import type { Random } from '@fireball/engines';
import type { ValueType } from '@fireball/wasm';
import type { Features } from '../features.js';

/** What a function is made to put a compiler under. */
export interface Profile {
  /** Instructions that its body grows to, roughly. */
  readonly size: number;
  /** Deepest nesting of expressions. */
  readonly depth: number;
  /** Deepest nesting of blocks, ifs and loops. */
  readonly nesting: number;
  /** Locals besides those that loops and addresses need. */
  readonly locals: number;
  /** Weights of statement families. */
  readonly memory: number;
  readonly control: number;
  readonly calls: number;
  readonly assignments: number;
  /** Weight of constants among the leaves of expressions. */
  readonly constants: number;
  /** Weight of i64 and floats among value types, as far as the features have them. */
  readonly wide: number;
  readonly floats: number;
}

const plain: Profile = {
  size: 50,
  depth: 4,
  nesting: 3,
  locals: 6,
  memory: 3,
  control: 4,
  calls: 3,
  assignments: 5,
  constants: 4,
  wide: 2,
  floats: 2,
};

/** Each row exaggerates something that compilers find hard. */
const profiles: readonly (readonly [weight: number, profile: Profile])[] = [
  [6, plain],
  // Small functions, called a lot: leaves, argument shuffles.
  [4, { ...plain, size: 15, locals: 2, calls: 5 }],
  // More locals than registers.
  [4, { ...plain, size: 120, locals: 28, assignments: 10 }],
  // Deep operand stacks.
  [3, { ...plain, size: 100, depth: 11, assignments: 3 }],
  // Address arithmetic, runs of accesses.
  [4, { ...plain, size: 90, memory: 14, control: 2 }],
  // Branches and merges.
  [4, { ...plain, size: 110, nesting: 7, control: 12, memory: 1 }],
  // Values that live across calls.
  [3, { ...plain, size: 80, calls: 12, locals: 14 }],
  [3, { ...plain, size: 80, constants: 12 }],
  [3, { ...plain, size: 100, wide: 12, locals: 10 }],
  [3, { ...plain, size: 100, floats: 12, locals: 10 }],
];

/** Long branches and large frames; costly, so rare. */
const huge: Profile = { ...plain, size: 2500, locals: 40, nesting: 6, control: 6 };
const wideFrame: Profile = { ...plain, size: 150, locals: 300 };
/** Beyond the reach of every load offset from the stack pointer. */
const widestFrame: Profile = { ...plain, size: 250, locals: 1500 };

export function chooseProfile(random: Random): Profile {
  if (random.chance(1)) return huge;
  if (random.chance(1)) return random.chance(70) ? wideFrame : widestFrame;
  return random.weighted(profiles);
}

/** A value type that the features allow. References are left to the code that wants them. */
export function chooseType(random: Random, features: Features, profile: Profile): ValueType {
  return random.weighted<ValueType>([
    [5, 'i32'],
    [features.has('i64') ? profile.wide : 0, 'i64'],
    [features.has('f32') ? profile.floats : 0, 'f32'],
    [features.has('f64') ? profile.floats : 0, 'f64'],
  ]);
}
