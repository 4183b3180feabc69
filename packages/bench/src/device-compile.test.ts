import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadModule } from '@fireball/engines';
import { loadTemplates } from '@fireball/jit';
import { bundledKernels } from '@fireball/kernels';
import { formatDeviceSection, measureDevice } from './device-compile.js';

it('measures what repeats exactly, and writes it down', async () => {
  const { validated } = await loadModule(join(bundledKernels, 'wasm', 'fib.wasm'));
  const measure = (): ReturnType<typeof measureDevice> =>
    measureDevice(loadTemplates('thumb2'), [{ name: 'fib', module: validated, step: 1 }], () => undefined);
  const measured = measure();
  expect(measure()).toEqual(measured);
  const { rows, facts } = measured;
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(row).toMatchObject({ name: 'fib', target: 'thumb2', functions: validated.functions.length });
  for (const count of [row?.layout, row?.patch, row?.crc, facts.load, row?.workBytes, facts.stack]) expect(count).toBeGreaterThan(0);
  const section = formatDeviceSection([measured]);
  expect(section).toContain(`| fib | ${validated.functions.length} | ${row?.wasmBytes} |`);
  expect(section).toContain('Selection is not in these numbers.');
});
