import { describe, expect, it } from '@jest/globals';
import { assembleText } from '@fireball/engines';
import { decodeModule, validateModule } from '@fireball/wasm';
import { encodeModule } from './encode.js';
import { parseFeatures } from './features.js';
import { generateCase } from './generator/module.js';
import { liftModule } from './lift.js';

describe('modules as trees', () => {
  it('survive encoding and lifting: what is lifted encodes to a module that lifts to the same bytes', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { bytes } = generateCase(seed, parseFeatures('full'));
      const lifted = encodeModule(liftModule(decodeModule(bytes)));
      validateModule(decodeModule(lifted));
      expect(lifted.length).toBeLessThanOrEqual(bytes.length);
      expect(Buffer.compare(encodeModule(liftModule(decodeModule(lifted))), lifted)).toBe(0);
    }
  });

  it('have definitions in place of imports', async () => {
    const bytes = await assembleText(
      'test.wat',
      `(module
        (import "m" "f" (func $f (param i32) (result i64)))
        (import "m" "g" (global $g f32))
        (import "m" "t" (table 3 funcref))
        (import "m" "m" (memory 1 2))
        (import "m" "i" (global $i i32))
        (global i32 (i32.add (global.get $i) (i32.const 7)))
        (func (export "run") (param i32) (result i64) (drop (global.get $g)) (call $f (local.get 0))))`,
    );
    const module = decodeModule(encodeModule(liftModule(decodeModule(bytes))));
    validateModule(module);
    expect(module.imports).toEqual([]);
    expect(module.exports).toMatchObject([{ name: 'run', kind: 'function', index: 1 }]);
    expect(module.memories).toMatchObject([{ limits: { min: 1, max: 2 } }]);
  });
});
