import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@fireball/contracts';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { decodeModule, validateModule } from '@fireball/wasm';
import { assembleText } from './text-format.js';

const inFunction = (body: string): string => `(module (func (export "run") (result i32) ${body}))`;
/** Constructs in one another, by how they are written. */
const nested: Readonly<Record<string, (depth: number) => string>> = {
  blocks: (depth) => inFunction(`${'block (result i32) '.repeat(depth)}i32.const 7${' end'.repeat(depth)}`),
  'folded blocks': (depth) => inFunction(`${'(block (result i32) '.repeat(depth)}(i32.const 7)${')'.repeat(depth)}`),
  'folded operands': (depth) => inFunction(`${'(i32.add (i32.const 0) '.repeat(depth)}(i32.const 7)${')'.repeat(depth)}`),
  'folded conditions': (depth) => inFunction(`${'(if (result i32) (i32.const 1) (then '.repeat(depth)}(i32.const 7)${') (else (i32.const 8)))'.repeat(depth)}`),
};

describe.each(Object.entries(nested))('%s in one another', (_, text) => {
  // At 300, wabt's own stack has written over its tables.
  it.each([1, 300, 1000, 8000])('%i', async (depth) => {
    const { bodies } = validateModule(decodeModule(await assembleText('deep.wat', text(depth)))).module;
    expect(bodies).toHaveLength(1);
    const { start, end } = bodies[0]!.code;
    expect(end - start).toBeGreaterThanOrEqual(3 * depth);
  });

  it('beyond what can be read, with a module afterwards', async () => {
    const refusal = assembleText('deep.wat', text(400_000));
    // Asked for at the same time, answered in order.
    const next = assembleText('next.wat', text(1));
    await expect(refusal).rejects.toThrow(InvalidInputError);
    await expect(refusal).rejects.toThrow('deep.wat: nested too deeply');
    expect(validateModule(decodeModule(await next)).functions).toHaveLength(1);
  });
});

describe('text', () => {
  it('may hold any characters in names', async () => {
    const { exports } = decodeModule(await assembleText('é.wat', '(module (func (export "aé→\\f0\\9f\\98\\80")))'));
    expect(exports[0]!.name).toBe('aé→😀');
  });

  it('is refused with file and line', async () => {
    await expect(assembleText('ü.wat', '(module\n  (func (result i33)))')).rejects.toMatchObject({ facts: { file: 'ü.wat', line: 2 } });
  });

  it.each([
    ['SIMD', '(func (result v128) (v128.const i32x4 0 0 0 0))', 'type v128 (SIMD)'],
    ['threads', '(memory 1 1 shared)', 'shared memory (threads)'],
    ['exceptions', '(tag)', 'tag section (exception handling)'],
    ['memory64', '(memory i64 1)', '64-bit memory (memory64)'],
  ])('of the proposal %s is refused by our decoder, by name', async (_, fields, feature) => {
    const bytes = await assembleText('a.wat', `(module ${fields})`);
    expect(() => decodeModule(bytes)).toThrow(feature);
  });
});

describe('a file', () => {
  const text = '\n  ;; a comment\n(module (func (export "run") (result i32) (i32.const 7)))';

  it('is what it holds, whatever its name', async () => {
    const bytes = await assembleText('a.wat', text);
    await withFolder({ 'text.wasm': text, 'binary.wat': bytes, noending: text }, (folder) => {
      for (const name of ['text.wasm', 'binary.wat', 'noending']) {
        expect(documentOf(runCli(['run', join(folder, name), '--json']))).toMatchObject({ results: [{ value: '7' }] });
      }
    });
  });

  it('that is neither is refused as binary', async () => {
    await withFolder({ 'a.wasm': 'MZ, no module', 'b.wat': 'MZ' }, (folder) => {
      expect(runCli(['run', join(folder, 'a.wasm')])).toMatchObject({ status: 65, stderr: expect.stringContaining('magic header') });
      expect(runCli(['run', join(folder, 'b.wat')])).toMatchObject({ status: 65, stderr: expect.stringContaining('line 1') });
    });
  });
});

it('reads text from the middle of a larger buffer', async () => {
  const source = inFunction('i32.const 7');
  const pool = Buffer.from(`(((${source})))`);
  expect(await assembleText('pool.wat', pool.subarray(3, 3 + source.length))).toEqual(await assembleText('text.wat', source));
});
