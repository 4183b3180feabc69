import { unknownName, UsageError } from '@fireball/contracts';

/** Parts of the language that generated modules may use on top of plain i32 code; names as on the command line. */
export const featureNames = [
  'bit-count',
  'i64',
  'f32',
  'f64',
  'saturating',
  'memory-size',
  'bulk-memory',
  'tables',
  'references',
  'tail-calls',
  'many-results',
] as const;
/** A part of the language that generated modules may use. */
export type Feature = (typeof featureNames)[number];
/** All parts that they may use. */
export type Features = ReadonlySet<Feature>;

/** i32 with sign extension, locals, control flow with (several) results, calls, loads, stores, globals, select, br_table. */
const base = 'i32';
const everything = 'full';
/** Words that `--features` takes. */
export const featureArguments: readonly string[] = [base, everything, ...featureNames];

/** Reads a comma-separated list such as `i32`, `full` or `i32,i64,f32`. */
export function parseFeatures(list: string): Features {
  const names = list.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new UsageError(`'${list}' is not a list of features`);
  return new Set(names.flatMap(featuresNamed));
}

function featuresNamed(name: string): readonly Feature[] {
  if (name === base) return [];
  if (name === everything) return featureNames;
  const feature = featureNames.find((candidate) => candidate === name);
  if (feature === undefined) throw unknownName('feature', name, featureArguments);
  return [feature];
}
