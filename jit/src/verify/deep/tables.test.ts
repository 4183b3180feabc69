/** Indices of tables, compared with a constant where the table cannot grow. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileFunction, type LinkedCode } from '../../compile.js';
import type { LinkEnvironment } from '../../environment.js';
import { functionSource } from '../../source.js';
import { loadTemplates } from '../../templates/index.js';
import { codeAddress, entries, testEnvironment } from '../../testing/environment.js';
import { moduleOfText } from '../../testing/module.js';
import { DeepVerifier, type DeepReport } from './verify.js';

const cpus = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const;
const module = moduleOfText(`(module (table 4 funcref) (type $t (func (result i32)))
  (func (param i32) (result i32) (call_indirect (type $t) (local.get 0))))`);
const source = functionSource(module, module.functions[0]!);

/** Of a table that always has so many elements, or may grow. */
function environmentOf(count: number | undefined): LinkEnvironment {
  const environment = testEnvironment();
  return { ...environment, table: (index) => ({ ...environment.table(index), count }) };
}

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(['thumb2', 'rv32'] as const)('an element of a table on %s', (isa) => {
  const compile = (count: number | undefined): LinkedCode => compileFunction(source, loadTemplates(isa), environmentOf(count)).linkAt(codeAddress, entries);
  const verify = (count: number | undefined, code: LinkedCode): DeepReport =>
    verifier.verify({ isa, cpu: cpus[isa], source, environment: environmentOf(count), code });

  it.each([1, 4, 300, 0x1_0001])('is proved to be one of %i', (count) => {
    const code = compile(count);
    expect(verify(count, code).accesses.table).toBe(3);
    expect(verify(count + 1, code).accesses.table).toBe(3);
    expect(() => verify(count - 1, code)).toThrow(/calls what was not loaded from a slot of the right type/);
    expect(() => verify(undefined, code)).toThrow(/calls what was not loaded from a slot of the right type/);
  });

  it('is one of those that there are, where the table may grow', () => {
    expect(verify(undefined, compile(undefined)).accesses.table).toBe(3);
    expect(compile(undefined).bytes.length).toBeGreaterThan(compile(4).bytes.length);
  });
});
