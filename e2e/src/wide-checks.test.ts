/** Code whose bounds checks are wide: the compiler's own, on a device. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { deviceCoreModule, DeepVerifier } from '@fireball/jit';
import { createVsoc, type VsocOptions } from '@fireball/vsoc';
import { decodeModule, validateModule } from '@fireball/wasm';
import { callI32, moduleOfText, targets, withNative } from './testing/native.js';

/** Every so many functions of the compiler are proved; a long run proves all. */
const step = process.env['BOOTSTRAP'] === 'all' ? 1 : 6;

const text = `(module (memory 1 1)
  (func (export "swap") (param $at i32) (result i32) (local $first i32)
    (local.set $first (i32.load offset=4 (local.get $at)))
    (i32.store offset=4 (local.get $at) (i32.load offset=40 (local.get $at)))
    (i32.store offset=40 (local.get $at) (local.get $first))
    (i32.store8 offset=2000 (local.get $at) (i32.const 7))
    (i32.add (local.get $first) (i32.load (i32.add (local.get $at) (i32.const -8))))))`;

describe.each(targets)('wide bounds checks on %s', (isa) => {
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  function outcomes(options: Partial<VsocOptions>, places: readonly number[]): { readonly bytes: number; readonly results: readonly unknown[] } {
    return withNative(
      isa,
      moduleOfText(text),
      (instance) => ({ bytes: instance.code[0]!.bytes.length, results: places.map((at) => callI32(instance, 'swap', [at])) }),
      { verifier, ...options },
    );
  }

  it('do what narrow ones do, with fewer of them, but in the last 4 KiB', () => {
    const inside = [8, 12, 100, 0x7000, 0xefe0];
    const [wide, all] = [outcomes({ boundsChecks: 'wide' }, inside), outcomes({}, inside)];
    expect(wide.results).toEqual(all.results);
    expect(wide.results.every((result) => typeof result === 'number')).toBe(true);
    expect(wide.bytes).toBeLessThan(all.bytes);
  });

  it('trap at whatever is outside', () => {
    const outside = [0, 4, -1, -8, 0xf830, 0xffd8, 0xfffc, 0x10000, 0x7fff_ffff];
    const [wide, all] = [outcomes({ boundsChecks: 'wide' }, outside), outcomes({}, outside)];
    expect(all.results.slice(1)).toEqual(outside.slice(1).map(() => 'out of bounds memory access'));
    expect(wide.results).toEqual(outside.map(() => 'out of bounds memory access'));
  });

  it('are checks of the exact size where a memory grows', () => {
    const growing = moduleOfText(
      text.replace('(memory 1 1)', '(memory 1 2)').replace('(func (export', '(func (drop (memory.grow (i32.const 0)))) (func (export'),
    );
    const results = withNative(isa, growing, (instance) => callI32(instance, 'swap', [0xf82f]), { verifier, boundsChecks: 'wide' });
    expect(results).toBe(0);
  });

  it('are proved for the compiler', () => {
    const module = decodeModule(deviceCoreModule());
    const fixed = validateModule({ ...module, memories: module.memories.map((memory) => ({ ...memory, limits: { min: 15, max: 15 } })) });
    let looked = 0;
    const some = {
      verify: (inputs: Parameters<DeepVerifier['verify']>[0]): void => {
        if (inputs.source.index % step !== 0) return;
        expect(verifier.verify(inputs).accesses.trusted).toBe(0);
        looked++;
      },
    };
    const vsoc = createVsoc({ isa, boundsChecks: 'wide', maxPages: 15, verifier: some });
    try {
      vsoc.instantiate(fixed);
      expect(looked).toBe(Math.ceil(fixed.functions.length / step));
    } finally {
      vsoc.close();
    }
  }, 600_000);
});
