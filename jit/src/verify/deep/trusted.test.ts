/** Code of a module that is trusted: without bounds checks, and what deep verification says of it. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileFunction, type LinkedCode } from '../../compile.js';
import type { BoundsChecks, LinkEnvironment } from '../../environment.js';
import { functionSource } from '../../source.js';
import { loadTemplates } from '../../templates/index.js';
import { codeAddress, entries, testEnvironment } from '../../testing/environment.js';
import { moduleOfText } from '../../testing/module.js';
import { DeepVerifier, type DeepReport } from './verify.js';

const cpus = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const;

const text = `(module (memory 1 1) (table 4 funcref) (type $t (func (result i32)))
  (func (export "copy") (param $to i32) (param $from i32) (param $count i32)
    (loop $next
      (i32.store offset=8 (local.get $to) (i32.load offset=8 (local.get $from)))
      (i32.store16 (i32.add (i32.load (local.get $to)) (i32.shl (local.get $count) (i32.const 2))) (local.get $count))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
  (func (export "constant") (result i32) (i32.load (i32.const 0x10000)))
  (func (export "table") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))`;

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(['thumb2', 'rv32'] as const)('a trusted module on %s', (isa) => {
  const module = moduleOfText(text);
  const source = (position: number) => functionSource(module, module.functions[position]!);

  function environmentWith(boundsChecks: BoundsChecks, fixed: boolean): LinkEnvironment {
    const environment = testEnvironment({ minBytes: 0x1_0000, fixed });
    return { ...environment, memory: { ...environment.memory!, boundsChecks } };
  }

  function compile(position: number, environment: LinkEnvironment): LinkedCode {
    return compileFunction(source(position), loadTemplates(isa), environment).linkAt(codeAddress, entries);
  }

  const verify = (position: number, environment: LinkEnvironment, code: LinkedCode): DeepReport =>
    verifier.verify({ isa, cpu: cpus[isa], source: source(position), environment, code });

  it.each([true, false])('has no bounds checks, and is accepted as trusted only (fixed memory: %s)', (fixed) => {
    const [all, none] = [environmentWith('all', fixed), environmentWith('none', fixed)];
    const [checked, trusted] = [compile(0, all), compile(0, none)];
    expect(trusted.trapStubs).toEqual([]);
    expect(checked.bytes.length - trusted.bytes.length).toBeGreaterThan(16);
    const { accesses } = verify(0, none, trusted);
    expect(accesses.checked).toBe(0);
    expect(accesses.trusted).toBeGreaterThan(3);
    expect(verify(0, all, checked).accesses.trusted).toBe(0);
    expect(() => verify(0, all, trusted)).toThrow(/no proof that this load of 4 bytes stays in bounds/);
  });

  it('traps at a constant address outside of its memory as ever', () => {
    const none = environmentWith('none', true);
    const code = compile(1, none);
    expect(code.trapStubs.map(({ kind }) => kind)).toEqual(['out of bounds memory access']);
    expect(verify(1, none, code).accesses.trusted).toBe(0);
    // As for a larger memory.
    const beyond = compile(1, { ...none, memory: { ...none.memory!, minBytes: 0x2_0000 } });
    expect(() => verify(1, none, beyond)).toThrow(/no proof that this load of 4 bytes stays in bounds: constant address/);
  });

  it('compares indices of tables as ever', () => {
    const none = environmentWith('none', true);
    const code = compile(2, none);
    expect(code.bytes).toEqual(compile(2, environmentWith('all', true)).bytes);
    expect(verify(2, none, code).accesses).toMatchObject({ trusted: 0 });
  });
});
