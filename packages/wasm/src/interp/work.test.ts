import { describe, expect, it } from '@jest/globals';
import { decodeModule } from '../decoder.js';
import { buildModule, op, sleb } from '../testing/module-builder.js';
import { validateModule } from '../validator.js';
import { instantiate } from './instantiate.js';
import { Store } from './store.js';

const i32 = (value: number): number[] => op('i32.const', ...sleb(value));
/** deep(n) calls itself n times; its operands never come to more than two. */
const deep = [...op('local.get', 0), ...op('if', 0x40), ...op('local.get', 0), ...i32(1), ...op('i32.sub'), ...op('call', 0), ...op('end')];
/** The same by tail calls. */
const tail = [...op('local.get', 0), ...op('if', 0x40), ...op('local.get', 0), ...i32(1), ...op('i32.sub'), ...op('return_call', 1), ...op('end')];
const skips = [...op('nop'), ...op('block', 0x40), ...op('loop', 0x40), ...op('end'), ...op('end'), ...op('nop'), ...i32(1), ...op('drop')];
const module = buildModule({
  functions: [
    { params: ['i32'], body: deep, export: 'deep' },
    { params: ['i32'], body: tail, export: 'tail' },
    { body: skips, export: 'skips' },
    { params: ['i32'], body: [...op('local.get', 0), ...op('i32.eqz'), ...op('if', 0x40), ...op('unreachable'), ...op('end')], export: 'trap' },
  ],
});
const store = new Store();
const instance = instantiate(store, validateModule(decodeModule(module)));

function workOf(name: string, ...args: number[]) {
  instance.invoke(
    name,
    args.map((value) => ({ type: 'i32', value })),
  );
  return store.executor.work;
}

describe('what a call took', () => {
  it('counts frames and their slots where they are most, each whole', () => {
    expect(workOf('deep', 9)).toMatchObject({ instructions: 9 * 7 + 3, frames: 10, slots: 30 });
    expect(workOf('deep', 0)).toMatchObject({ frames: 1, slots: 3 });
  });

  it('counts one frame for tail calls', () => {
    expect(workOf('tail', 50)).toMatchObject({ frames: 1, slots: 3 });
  });

  it('starts anew behind a trap', () => {
    expect(workOf('trap', 0)).toMatchObject({ frames: 1, slots: 2 });
    expect(workOf('trap', 1)).toMatchObject({ frames: 1, slots: 2 });
  });

  it('tells of instructions that are none', () => {
    expect(workOf('skips')).toMatchObject({ instructions: 3, longestSkip: 6 });
  });
});
