import type { Features } from './features.js';
import { generateBinaryenCase } from './binaryen.js';
import { generateCase, type FuzzCall } from './generator/module.js';

/** Generators that `--generator` takes. */
export const generatorNames = ['own', 'binaryen'] as const;
/** Which generator makes the modules. */
export type GeneratorName = (typeof generatorNames)[number];

/** What is run: a module and calls of its exports. */
export interface FuzzCase {
  readonly bytes: Uint8Array;
  readonly calls: readonly FuzzCall[];
}

/** The case of a seed: the same one each time. Undefined where the generator makes none of it. */
export function caseOfSeed(generator: GeneratorName, seed: number, features: Features): FuzzCase | undefined {
  switch (generator) {
    case 'own': {
      const { bytes, calls } = generateCase(seed, features);
      return { bytes, calls };
    }
    case 'binaryen':
      return generateBinaryenCase(seed, features);
  }
}
