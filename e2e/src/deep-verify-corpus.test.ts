import { assembleText, engines, type Engine } from '@fireball/engines';
import { UnsupportedError } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { corpus } from '../corpus/index.js';
import { runRow } from '../corpus/run.js';

/** The engine with every function proved before it runs. */
function deep(engine: Engine): Engine {
  return {
    ...engine,
    instantiate: (loaded, options) => engine.instantiate(loaded, { ...options, verify: 'deep' }),
    createLinker: (options) => engine.createLinker({ ...options, verify: 'deep' }),
  };
}

describe.each(engines.filter(({ native }) => native).map(deep))('$name, deeply verified', (engine) => {
  // The calls are made in corpus.test.ts; here it matters that the modules are accepted.
  it.each(corpus)(
    'accepts the corpus: $name',
    async ({ rows }) => {
      for (const row of rows) {
        try {
          const problems = await runRow({ ...row, calls: [] }, engine, (wat) => assembleText('row.wat', wat));
          expect({ row: row.name, problems }).toEqual({ row: row.name, problems: [] });
        } catch (error) {
          // What an engine may refuse is asserted in corpus.test.ts.
          if (!(error instanceof UnsupportedError)) throw error;
        }
      }
    },
    60_000,
  );
});
