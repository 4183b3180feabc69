import { beforeEach, describe, expect, it } from '@jest/globals';
import { load32, store32 } from '@fireball/wasm';
import * as allocation from '../core/layout/allocation.js';
import * as analyses from '../core/layout/analyses.js';
import { target, thumb2 } from '../core/layout/function.js';
import { mostValues } from '../core/layout/plan.js';
import * as layout from '../core/layout/select.js';
import * as walk from '../core/layout/walk.js';
import { beginAssembly } from '../core/masm/assembly.js';
import { floatEntryOf, productEntryOf } from '../core/select/entries.js';
import { shareFloat } from '../core/select/float-file.js';
import { push } from '../core/select/operand-stack.js';
import { recount } from '../core/select/recount.js';
import { allocateFloat, beginState, pushConst, pushReg, pushWord, takeTemp } from '../core/select/state.js';
import { addPointer, dropReg, share, takeReg } from '../core/select/temporaries.js';
import { portableCore } from '../testing/portable-core.js';

function list(...words: readonly number[]): number {
  const address = portableCore.allocate(4 * words.length);
  words.forEach((word, index) => {
    store32(address + 4 * index, word);
  });
  return address;
}

/** A function with one local, which has register 5. */
beforeEach(() => {
  portableCore.reset();
  const words: readonly (readonly [address: number, value: number])[] = [
    [target, thumb2],
    [analyses.localCount, 1],
    [analyses.wordCount, 1],
    [analyses.firstWords, list(0, 1)],
    [mostValues, 0],
    [allocation.wordRegs, list(5)],
    [allocation.constantRegCount, 0],
    [allocation.savedRegCount, 0],
    [allocation.tempRegs, list(0, 1, 2, 3)],
    [allocation.tempRegCount, 4],
  ];
  for (const [address, value] of words) store32(address, value);
  beginAssembly(0);
  beginState();
});

/** As many as no quick look goes over. */
function pushConstants(): void {
  for (let word = 0; word < 1000; word++) pushConst(word, false);
}

/** What leaves every register with the owners that are noted. */
const sound: [string, () => void][] = [
  ['nothing', () => undefined],
  ['a result', () => pushReg(takeTemp(-1), false)],
  [
    'a constant, a local',
    () => {
      pushConst(3, false);
      pushWord(0, false);
    },
  ],
  [
    'a register with two readers',
    () => {
      const reg = takeTemp(-1);
      pushReg(reg, false);
      share(reg);
      pushReg(reg, false);
    },
  ],
  [
    'a square, whose register comes twice',
    () => {
      const reg = takeTemp(-1);
      share(reg);
      push(productEntryOf(layout.ownSource, reg, layout.ownSource, reg, false));
    },
  ],
  ['a cached pointer', () => addPointer(takeTemp(-1), 0)],
  [
    'a double',
    () => {
      const float = allocateFloat();
      shareFloat(float);
      push(floatEntryOf(float, layout.lowPart, false));
      push(floatEntryOf(float, layout.highPart, true));
    },
  ],
  [
    'a result below many constants',
    () => {
      pushReg(takeTemp(-1), false);
      pushConstants();
    },
  ],
];

/** What it finds: of floats or not, register, owners that are found and noted. */
const faulty: [string, () => void, readonly number[]][] = [
  ['a register that was never released', () => takeTemp(0), [walk.miscounted, 0, 0, 0, 1]],
  [
    'a result that was released',
    () => {
      const reg = takeTemp(0);
      pushReg(reg, false);
      dropReg(reg);
    },
    [walk.miscounted, 0, 0, 1, 0],
  ],
  [
    'a second reader that nobody noted',
    () => {
      const reg = takeTemp(0);
      pushReg(reg, false);
      pushReg(reg, false);
    },
    [walk.miscounted, 0, 0, 2, 1],
  ],
  [
    'the same below many constants',
    () => {
      pushReg(takeReg(1), false);
      pushReg(1, false);
      pushConstants();
    },
    [walk.miscounted, 0, 1, 2, 1],
  ],
  ["a local's register as if it were a temporary", () => pushReg(takeReg(5), false), [walk.ownedNoTemporary, 0, 5, 1, 0]],
  ['a floating-point register that was never released', () => allocateFloat(), [walk.miscounted, 1, 0, 0, 1]],
];

describe('counting the owners of registers anew', () => {
  it('is on in tests', () => {
    expect(process.env['FIREBALL_RECOUNT']).toBe('1');
  });

  it.each(sound)('accepts %s', (_, act) => {
    act();
    recount();
    expect([load32(layout.outcome), load32(layout.internalError)]).toEqual([layout.selected, 0]);
  });

  it.each(faulty)('finds %s', (_, act, found) => {
    act();
    recount();
    expect(load32(layout.outcome)).toBe(layout.internal);
    expect([layout.internalError, walk.recountIsFloat, walk.recountRegister, walk.recountFound, walk.recountNoted].map(load32)).toEqual(found);
  });
});
