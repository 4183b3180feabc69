import { describe, expect, it } from '@jest/globals';
import type { Allocation } from '../plan/result.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { recountOwners, recounts } from './recount.js';
import { spill } from './spilling.js';
import { FunctionState } from './state.js';

function newState(): FunctionState {
  const masm: Partial<MacroAssembler> = { roles: { args: [], temps: [], saved: [], leafExtra: [], callExtra: [], link: -1, zero: -1, floats: [0, 1] } };
  const allocation: Allocation = { localRegs: Int32Array.from([5]), constRegs: new Map(), saved: [], ownsLink: false, temps: [0, 1, 2, 3] };
  return new FunctionState(masm as MacroAssembler, allocation, { words: [[0]], owners: Int32Array.of(0), count: 1, parameterWords: 1 }, 0, spill);
}

/** What leaves every register with the owners that are noted. */
const sound: [string, (state: FunctionState) => void][] = [
  ['nothing', () => undefined],
  ['a result', (state) => state.pushReg(state.allocate())],
  [
    'a constant, a local',
    (state) => {
      state.pushConst(3);
      state.pushLocal(0);
    },
  ],
  [
    'a register with two readers',
    (state) => {
      const reg = state.allocate();
      state.pushReg(reg);
      state.pushReg(state.temporaries.share(reg).reg);
    },
  ],
  [
    'a square, whose register comes twice',
    (state) => {
      const reg = state.allocate();
      const a = { reg };
      state.stack.push({ kind: 'product', a, b: state.temporaries.share(reg), high: false });
    },
  ],
  ['a cached pointer', (state) => state.temporaries.addPointer({ reg: state.allocate() })],
  [
    'a double',
    (state) => {
      const float = state.allocateFloat();
      state.floats.share(float);
      state.stack.push({ kind: 'float', float, part: 'low', high: false }, { kind: 'float', float, part: 'high', high: true });
    },
  ],
  [
    'a result below many constants',
    (state) => {
      state.pushReg(state.allocate());
      for (let word = 0; word < 1000; word++) state.pushConst(word);
    },
  ],
];

const faulty: [string, (state: FunctionState) => void, string][] = [
  ['a register that was never released', (state) => state.allocate(), 'after i32.add: register 0 has 0 owners, and 1 are noted'],
  [
    'a result that was released',
    (state) => {
      const reg = state.allocate();
      state.pushReg(reg);
      state.temporaries.drop(reg);
    },
    'after i32.add: register 0 has 1 owners, and 0 are noted',
  ],
  [
    'a second reader that nobody noted',
    (state) => {
      const reg = state.allocate();
      state.pushReg(reg);
      state.pushReg(reg);
    },
    'after i32.add: register 0 has 2 owners, and 1 are noted',
  ],
  [
    'the same below many constants',
    (state) => {
      state.pushReg(state.temporaries.take(1));
      state.pushReg(1);
      for (let word = 0; word < 1000; word++) state.pushConst(word);
    },
    'after i32.add: register 1 has 2 owners, and 1 are noted',
  ],
  ["a local's register as if it were a temporary", (state) => state.pushReg(state.temporaries.take(5)), 'after i32.add: register 5 is owned and no temporary'],
  [
    'a floating-point register that was never released',
    (state) => state.allocateFloat(),
    'after i32.add: floating-point register 0 has 0 owners, and 1 are noted',
  ],
];

describe('counting the owners of registers anew', () => {
  it('is on in tests', () => {
    expect(recounts).toBe(true);
  });

  it.each(sound)('accepts %s', (_, act) => {
    const state = newState();
    act(state);
    expect(() => recountOwners(state, 'after i32.add')).not.toThrow();
  });

  it.each(faulty)('finds %s', (_, act, message) => {
    const state = newState();
    act(state);
    expect(() => recountOwners(state, 'after i32.add')).toThrow(message);
  });
});
