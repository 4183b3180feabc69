import { InternalError } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { createVsoc, type CallResult, type Vsoc, type VsocFunction, type VsocValue } from '../index.js';
import { moduleOfText, targets } from '../testing/module.js';

const text = `(module (memory 1)
  (func (export "f") (param i32) (result i32) (drop (memory.grow (local.get 0))) (i32.div_u (i32.const 84) (local.get 0))))`;
const i32 = (value: number): VsocValue => ({ type: 'i32', value });

describe.each(targets)('a call in single instructions on %s', (isa) => {
  function withFunction<T>(use: (vsoc: Vsoc, callee: VsocFunction) => T): T {
    const vsoc = createVsoc({ isa });
    try {
      return use(vsoc, vsoc.instantiate(moduleOfText(text)).functions[0] as VsocFunction);
    } finally {
      vsoc.close();
    }
  }

  function inSteps(vsoc: Vsoc, callee: VsocFunction, args: readonly VsocValue[]): CallResult {
    const call = vsoc.callStepwise(callee, args);
    for (;;) {
      const ended = call.step();
      if (ended === undefined) continue;
      expect(() => call.step()).toThrow(InternalError);
      return ended;
    }
  }

  it.each([2, 0])('of f(%i) ends as the same call does, after as many', (argument) => {
    const whole = withFunction((vsoc, callee) => vsoc.call(callee, [i32(argument)]));
    const stepped = withFunction((vsoc, callee) => inSteps(vsoc, callee, [i32(argument)]));
    expect(stepped).toEqual(whole);
    expect(stepped.trap?.kind ?? stepped.results).toEqual(argument === 0 ? 'integer divide by zero' : [i32(42)]);
  });

  it('can be given up', () => {
    withFunction((vsoc, callee) => {
      const call = vsoc.callStepwise(callee, [i32(2)]);
      call.step();
      call.abandon();
      expect(vsoc.call(callee, [i32(4)]).results).toEqual([i32(21)]);
    });
  });
});
