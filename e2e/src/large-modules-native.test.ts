import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileFunction, DeepVerifier, DeepVerifyError, functionSource, loadTemplates } from '@fireball/jit';
import { offlineEnvironment } from '@fireball/vsoc';
import { decodeModule, validateModule } from '@fireball/wasm';
import { largeModules, readModule } from './modules/packages.js';
import { targets } from './testing/native.js';

/** Every so many functions are verified, of these more; a long run asks for all of all modules. */
const often = ['sql.js', 'quickjs'];
const [oftenStep, sampleStep] = [4, 64];
const isLongRun = process.env['LARGE_MODULES'] === 'all';

const cpus = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const;

describe.each(targets)('functions of large modules compile for %s and pass deep verification', (isa) => {
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  it.each(largeModules)(
    '$name',
    ({ name, path, functions }) => {
      const validated = validateModule(decodeModule(readModule(path)));
      // Both kinds of code, in turns.
      const environments = [offlineEnvironment(validated, isa, 'direct'), offlineEnvironment(validated, isa)] as const;
      const templates = loadTemplates(isa);
      const step = isLongRun ? 1 : often.includes(name) ? oftenStep : sampleStep;
      const refused: string[] = [];
      let verified = 0;
      for (const entry of validated.functions) {
        if (entry.index % step !== 0) continue;
        const source = functionSource(validated, entry);
        const environment = environments[(entry.index / step) & 1]!;
        const code = compileFunction(source, templates, environment).linkAt(environment.codeAddress, environment.entries);
        verified++;
        try {
          verifier.verify({ isa, cpu: cpus[isa], source, environment, code });
        } catch (error) {
          if (!(error instanceof DeepVerifyError)) throw error;
          refused.push(`function ${entry.index}: ${error.message}`);
        }
      }
      expect(refused).toEqual([]);
      const bodies = functions - validated.module.imported.function;
      expect(verified).toBeGreaterThanOrEqual(Math.floor(bodies / step));
      expect(verified).toBeLessThanOrEqual(Math.ceil(bodies / step));
    },
    1_800_000,
  );
});
