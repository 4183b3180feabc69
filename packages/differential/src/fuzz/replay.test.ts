import { describe, expect, it } from '@jest/globals';
import { parseValue } from '@fireball/wasm';
import type { FuzzCall } from './generator/module.js';
import { replayCommand } from './replay.js';

const calls: readonly FuzzCall[] = [
  { function: 'f0', args: [] },
  {
    function: 'f 1',
    args: [
      { type: 'i32', value: -1 },
      { type: 'f32', value: 0x7fa00000 },
      { type: 'i64', value: -(2n ** 63n) },
    ],
  },
];

describe('the replay command', () => {
  it('makes the calls with their exact bits', () => {
    expect(replayCommand('.fireball/fuzz/own-1-rv32.wasm', 'rv32', calls, {})).toBe(
      `./fireball diff .fireball/fuzz/own-1-rv32.wasm --engines rv32 --invoke f0 --invoke 'f 1=-1,bits:0x7fa00000,-9223372036854775808' --explain`,
    );
    expect(parseValue('f32', 'bits:0x7fa00000')).toEqual({ type: 'f32', value: 0x7fa00000 });
  });

  it('has the engine and its options, quoted for the shell', () => {
    expect(replayCommand(`it's.wasm`, 'thumb2', [], { cpu: 'cortex-m3', templates: 'my set' })).toBe(
      `./fireball diff 'it'\\''s.wasm' --engines thumb2 --cpu cortex-m3 --templates 'my set' --explain`,
    );
  });

  it('has what decides how mixed mode ran', () => {
    const options = { hot: [0, 3], budget: 2048, workers: 2, compileCost: 0, inject: { crc: 2, 'cache-full': 1 }, misaligned: 'split', sandbox: true } as const;
    expect(replayCommand('a.wasm', 'vsoc-rv32', [], options)).toBe(
      './fireball diff a.wasm --engines vsoc-rv32 --misaligned split --hot 0,3 --budget 2048 --workers 2 --compile-cost 0 --inject crc:2,cache-full:1 --sandbox --explain',
    );
  });
});
