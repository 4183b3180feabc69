import { describe, expect, it } from '@jest/globals';
import { decodeModule, SizeLimits, type WasmModule } from '@fireball/wasm';
import { assembleText } from '../inputs/text-format.js';
import { codeShift, exposeState, globalExport, memoryExport } from './expose.js';

async function module(text: string): Promise<WasmModule> {
  return decodeModule(await assembleText('test.wat', text));
}

describe('exposeState', () => {
  it.each([
    ['without any export', '(module (memory 1) (global i32 (i32.const 1)) (func))', []],
    ['with exports', '(module (memory (export "m") 1) (global i32 (i32.const 1)) (func (export "f")))', ['m', 'f']],
    ['with an export of our own name', '(module (memory 1) (global i32 (i32.const 1)) (func (export "fireball:memory0")))', ['fireball:memory0']],
    ['with later sections', '(module (memory 1) (global i32 (i32.const 1)) (func $s) (start $s) (data (i32.const 0) "a"))', []],
  ])('exports memory and global %s', async (_name, text, own) => {
    const original = await module(text);
    const exposed = decodeModule(exposeState(original, new SizeLimits(16)));
    expect(exposed.exports.map((entry) => entry.name)).toEqual([...own, memoryExport(original, 0), globalExport(original, 0)]);
    expect(exposed.memories[0]?.limits).toEqual({ min: 1, max: 16 });
    expect(exposed.bodies).toHaveLength(original.bodies.length);
    expect(exposed.bodies[0]!.code.start - original.bodies[0]!.code.start).toBe(codeShift(original, exposed.bytes));
    expect(exposed.start).toBe(original.start);
    expect(exposed.data).toHaveLength(original.data.length);
  });

  it.each([
    ['(module (memory 2 3))', { min: 2, max: 3 }],
    ['(module (memory 2 30))', { min: 2, max: 16 }],
    ['(module (memory 20 30))', { min: 20, max: 20 }],
  ])('limits %s', async (text, limits) => {
    expect(decodeModule(exposeState(await module(text), new SizeLimits(16))).memories[0]?.limits).toEqual(limits);
  });

  it('leaves a module without memory, globals and exports as it is', async () => {
    const original = await module('(module (func))');
    expect([...exposeState(original, new SizeLimits(16))]).toEqual([...original.bytes]);
  });
});
