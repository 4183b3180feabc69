import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { WebAssembly } from '@fireball/engines';
import { wasmSection, wideLeb } from '@fireball/testkit';
import type { CallStatistics } from '@fireball/vsoc';
import { decodeModule, prepareValidation, validateModule, type PreparedValidation, type WasmModule } from '@fireball/wasm';
import { targets, withNative } from './testing/native.js';

const pageSize = 0x1_0000;

/** The core as a module that begins with this memory, and has room for as much again. */
function withMemory({ program, memory }: PreparedValidation): Uint8Array {
  const { sectionOffsets } = decodeModule(program);
  return Buffer.concat([
    // Identifier and size of a section as small as these take two bytes.
    program.subarray(0, sectionOffsets.get('memory')! - 2),
    wasmSection(5, Uint8Array.of(1, 0, ...wideLeb((2 * memory.length) / pageSize))),
    program.subarray(sectionOffsets.get('export')! - 2),
    wasmSection(11, Buffer.concat([Uint8Array.of(1, 0, 0x41, 0, 0x0b, ...wideLeb(memory.length)), memory])),
  ]);
}

function inNode(program: Uint8Array, count: number): { readonly reached: number; readonly memory: Buffer } {
  const exports = new WebAssembly.Instance(new WebAssembly.Module(program), {}).exports as unknown as {
    readonly memory: { readonly buffer: ArrayBuffer };
    validateBodies(first: number, end: number): number;
  };
  return { reached: exports.validateBodies(0, count), memory: Buffer.from(exports.memory.buffer) };
}

/** Validates the bodies on the device, where the core must do what it does in Node, and returns which one it reached, and at what price. */
function onDevice(isa: (typeof targets)[number], module: WasmModule): CallStatistics & { readonly reached: number } {
  const count = module.bodies.length;
  const program = withMemory(prepareValidation(module));
  const expected = inNode(program, count);
  return withNative(isa, validateModule(decodeModule(program)), (instance) => {
    const args = [0, count].map((value) => ({ type: 'i32', value }) as const);
    const { results, trap, statistics } = instance.invoke('validateBodies', args);
    expect([trap, results]).toEqual([null, [{ type: 'i32', value: expected.reached }]]);
    expect(expected.memory.equals(instance.memory(0))).toBe(true);
    return { ...statistics, reached: expected.reached };
  });
}

const coremark = new Uint8Array(readFileSync(new URL('../../packages/kernels/data/wide/wasm/coremark.wasm', import.meta.url)));

describe.each(targets)('the core of validation, compiled by Fireball for %s', (isa) => {
  it('finds out of CoreMark-like code what it finds out in Node, at a price that is known', () => {
    const module = decodeModule(coremark);
    const { reached, instructions, codeBytes } = onDevice(isa, module);
    expect(reached).toBe(module.bodies.length);
    const bytes = module.bodies.reduce((sum, { code }) => sum + code.end - code.start, 0);
    // docs/performance.md has what it is; generated code may get better.
    expect(instructions / bytes).toBeLessThan(42);
    expect(codeBytes).toBeLessThan(12_000);
  });

  it('stops at the same body where one breaks a rule', () => {
    const bytes = coremark.slice();
    const last = decodeModule(bytes).bodies.length - 1;
    const { start } = decodeModule(bytes).bodies[last]!.code;
    bytes[start] = 0xff;
    expect(onDevice(isa, decodeModule(bytes)).reached).toBe(last);
  });
});
