import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { heap } from '@fireball/wasm';
import { analysesBlock, bodyBlock, heapStart } from '../core/layout/blocks.js';
import { takeCore, type Core } from '../instance/core.js';
import { functionSource } from '../source.js';
import { testEnvironment } from '../testing/environment.js';
import { goldenCases, goldens } from '../testing/golden.js';
import { targets } from '../testing/macro-assemblers.js';
import { moduleOfText } from '../testing/module.js';
import { planAlone } from '../testing/plan-alone.js';
import { portableCore } from '../testing/portable-core.js';
import { readBody } from '../testing/read-body.js';
import type { FunctionSource } from './body.js';

/** Every third instruction, if it begins a loop. */
function someLoops(source: FunctionSource, core: Core): ReadonlySet<number> {
  return new Set(readBody(source, core).flatMap(({ op, offset }, index) => (op === 'loop' && index % 3 === 0 ? [offset] : [])));
}

it.each(targets)('functions are planned for %s by both forms of the core with the same memory behind it', (isa) => {
  const cores = [takeCore(), portableCore];
  // What other tests have left.
  for (const { memory } of cores) new Uint8Array(memory.buffer).fill(0, bodyBlock, analysesBlock).fill(0, heapStart);
  let planned = 0;
  for (const name of goldenCases()) {
    const validated = moduleOfText(readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8'));
    for (const entry of validated.functions) {
      const source = functionSource(validated, entry);
      const environment = testEnvironment({ minBytes: 65536, fixed: entry.index % 2 === 0 });
      const [first, second] = cores.map((core) => {
        core.reset();
        const loops = someLoops(source, core);
        core.reset();
        planAlone(source, isa, { environment, osrLoops: loops, core });
        const bytes = Buffer.from(new Uint8Array(core.memory.buffer));
        return bytes.subarray(0, bytes.readInt32LE(heap));
      });
      if (!first!.equals(second!)) throw new Error(`${name}, function ${entry.index}`);
      planned++;
    }
  }
  expect(planned).toBeGreaterThan(100);
});
