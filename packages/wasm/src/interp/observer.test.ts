import { describe, expect, it } from '@jest/globals';
import { decodeModule } from '../decoder.js';
import { buildModule, op, sleb } from '../testing/module-builder.js';
import { validateModule } from '../validator.js';
import { instantiate } from './instantiate.js';
import type { ExecutionObserver } from './executor.js';
import { Store } from './store.js';

/** f(x) = g(x) + 1 with a block around; g(x) = x * 3. */
const f = [...op('block', 0x40), ...op('nop'), ...op('end'), ...op('local.get', 0), ...op('call', 1), ...op('i32.const', ...sleb(1)), ...op('i32.add')];
const g = [...op('local.get', 0), ...op('i32.const', ...sleb(3)), ...op('i32.mul')];
const module = buildModule({
  functions: [
    { params: ['i32'], results: ['i32'], body: f, export: 'f' },
    { params: ['i32'], results: ['i32'], body: g },
  ],
});
const instance = instantiate(new Store(), validateModule(decodeModule(module)));
const call = (observer: ExecutionObserver) => instance.invoke('f', [{ type: 'i32', value: 5 }], { observer });

describe('an observer', () => {
  it('sees function, depth, locals and operands in front of every instruction that does something', () => {
    const seen: [index: number, offset: number, depth: number, local: number, operands: number[]][] = [];
    const outcome = call({
      beforeInstruction(view) {
        const { function: running, offset } = view.position;
        const operands = Array.from({ length: view.operandCount }, (_, index) => view.operandWords(index)[0]);
        const { index, code } = running.validated;
        seen.push([index, offset - code.start, view.frameCount, view.localWords(0)[0], operands]);
      },
    });
    expect(outcome).toEqual({ results: [{ type: 'i32', value: 16 }], instructions: seen.length });
    expect(seen).toEqual([
      [0, 4, 1, 5, []],
      [0, 6, 1, 5, [5]],
      [1, 0, 2, 5, []],
      [1, 2, 2, 5, [5]],
      [1, 4, 2, 5, [5, 3]],
      [1, 5, 2, 5, [15]],
      [0, 8, 1, 5, [15]],
      [0, 10, 1, 5, [15, 1]],
      [0, 11, 1, 5, [16]],
    ]);
  });

  it('may end the call by throwing, and the instance goes on afterwards', () => {
    const enough = new RangeError('enough');
    const stop: ExecutionObserver = {
      beforeInstruction() {
        throw enough;
      },
    };
    expect(() => call(stop)).toThrow(enough);
    expect(instance.invoke('f', [{ type: 'i32', value: 1 }])).toMatchObject({ results: [{ value: 4 }] });
  });
});
