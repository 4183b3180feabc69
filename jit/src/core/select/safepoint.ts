/**
 * Safepoints: where running code looks whether it shall yield (ABI.md, "Safepoints"). At a loop's header
 * and at the entry no temporary is in use, so that a check needs no spilling.
 */
import { load32, makeArea, store32, take, usedField } from '@fireball/wasm';
import { anchorOf } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { safepointService } from '../layout/environment.js';
import { hasSafepoint, safepointFlag } from '../layout/function.js';
import { compareTest, immediate, loadWord } from '../layout/machine.js';
import { wasmOffset } from '../layout/masm.js';
import { noReg } from '../layout/select.js';
import { yieldBack, yieldOffset, yields, yieldStride, yieldStub } from '../layout/walk.js';
import { attribute, newLabel } from '../masm/assembly.js';
import { callService } from '../masm/calls.js';
import { bind, branchIfWords, jump } from '../masm/conditions.js';
import { access, offsetOf } from '../masm/memory.js';
import { outOfMemory } from './failure.js';
import { regOf } from './held.js';
import { setShift } from './homes.js';
import { holdConst, release, takeTemp } from './state.js';
import { dropReg } from './temporaries.js';

export function beginSafepoints(): void {
  makeArea(yields);
}

/** Loads the flag and branches out of line where it is set. */
export function selectSafepoint(): void {
  if (load32(hasSafepoint) === 0) return;
  const address = load32(safepointFlag);
  const base = holdConst(anchorOf(address));
  const flag = takeTemp(noReg);
  access(loadWord, flag, regOf(base), offsetOf(address));
  release(base);
  const stub = newLabel();
  const back = newLabel();
  branchIfWords(compareTest, arithmetic.ne, flag, immediate, 0, stub);
  dropReg(flag);
  bind(back);
  const row = take(yields, yieldStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + yieldStub, stub);
  store32(row + yieldBack, back);
  store32(row + yieldOffset, load32(wasmOffset));
}

/** Behind everything else that is out of line: only now is it known whether the link register is saved. */
export function bindYields(): void {
  for (let row = load32(yields); row < load32(yields + usedField); row += yieldStride) {
    attribute(load32(row + yieldOffset));
    bind(load32(row + yieldStub));
    // What the macro assembler may push counts like stack arguments.
    setShift(callService(load32(safepointService)));
    setShift(0);
    jump(load32(row + yieldBack));
  }
}
