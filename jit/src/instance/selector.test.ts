import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { placedWords } from '../core/layout/placed.js';
import type { CompilerName } from '../environment.js';
import { cores } from '../features.js';
import { functionSource } from '../source.js';
import { loadTemplates } from '../templates/index.js';
import { testEnvironment } from '../testing/environment.js';
import { goldenCases, goldens } from '../testing/golden.js';
import { targets } from '../testing/macro-assemblers.js';
import { moduleOfText } from '../testing/module.js';
import { readBody } from '../testing/read-body.js';
import { portableCore } from '../testing/portable-core.js';
import { keptCore, type Core } from './core.js';
import type { Selection } from './selection.js';
import { selectFunction } from './selector.js';

/** What others see of it. */
function seen({ assembly, trapLabels, osrEntries, locations }: Selection): unknown {
  const { words, count, labels, labelCount } = assembly;
  return {
    records: Buffer.from(words.slice(0, count * placedWords).buffer).toString('hex'),
    labels: Buffer.from(labels.slice(0, labelCount).buffer).toString('hex'),
    sharedChecks: Array.from({ length: count }, (_, index) => assembly.sharedCheckAt(index)),
    traps: trapLabels,
    osrEntries,
    boundaries: locations?.().boundaries.map(({ codeOffset, operands }) => [codeOffset, operands]),
  };
}

const compilers: readonly CompilerName[] = ['optimizing', 'baseline'];

it.each(targets.flatMap((isa) => compilers.map((compiler) => ({ isa, compiler }))))(
  'functions are selected for $isa by both forms of the core alike, $compiler',
  ({ isa, compiler }) => {
    const forms: readonly Core[] = [keptCore(), portableCore];
    const templates = loadTemplates(isa);
    const variants = Object.values(cores[isa]);
    let selected = 0;
    for (const name of goldenCases()) {
      const validated = moduleOfText(readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8'));
      for (const entry of validated.functions) {
        const source = functionSource(validated, entry);
        const environment = { ...testEnvironment({ minBytes: 65536, fixed: entry.index % 2 === 0 }, variants[entry.index % variants.length]), compiler };
        const osrLoops = readBody(source).flatMap(({ op, offset }, index) => (op === 'loop' && index % 3 === 0 ? [offset] : []));
        const [first, second] = forms.map((core) => seen(selectFunction(source, templates, environment, { osrLoops, locations: selected % 4 === 0 }, core)));
        if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error(`${name}, function ${entry.index}`);
        selected++;
      }
    }
    expect(selected).toBeGreaterThan(100);
  },
);

// Floats are looked for by lists, which want a node for each row: from the first one on, long before the stack has had to grow.
it.each(targets)('the first operands have nodes of their own, on %s', (isa) => {
  const validated = moduleOfText('(module (func $g) (func (export "f") (loop (f32.convert_i32_s (i32.const 0)) (call $g) (drop))))');
  const source = functionSource(validated, validated.functions[1]!);
  const [loop] = readBody(source).flatMap(({ op, offset }) => (op === 'loop' ? [offset] : []));
  const { osrEntries } = selectFunction(source, loadTemplates(isa), testEnvironment({ minBytes: 65536, fixed: false }), { osrLoops: [loop!] });
  expect(osrEntries.map(({ wasmOffset }) => wasmOffset)).toEqual([loop]);
});
