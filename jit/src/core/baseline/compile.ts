/** The baseline compiler: code of a function from one walk over its bytes, behind one look at which locals are named how often. It proves nothing, and knows no instruction but the one that comes next. */
import { heap, load32, makeArea, store32, usedField } from '@fireball/wasm';
import { localCount } from '../layout/analyses.js';
import * as layout from '../layout/baseline.js';
import { functionStart } from '../layout/environment.js';
import { functionSignature, memoryBase } from '../layout/function.js';
import { freeFrom } from '../heap.js';
import { epilogueSite, frameSaved, frameSavesLink, frameSlotBytes, frameStackArguments, linkUsed, siteKind, siteValue } from '../layout/masm.js';
import {
  mostTraps,
  outcome,
  outOfRegisters,
  outgoingBytes,
  pressure,
  selected,
  slotBytes,
  spShift,
  stackTrap,
  trapCount,
  trapLabels,
  internalError,
} from '../layout/select.js';
import * as walk from '../layout/walk.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { loadConst, move } from '../masm/arithmetic.js';
import { attribute, beginAssembly, newLabel, siteAt } from '../masm/assembly.js';
import { bind, jump } from '../masm/conditions.js';
import { loadSlot, storeSlot } from '../masm/memory.js';
import { beginFinish, nextSite, reserveBody } from '../masm/moving.js';
import { argumentRegister, savedRegisters, zeroRegister } from '../masm/roles.js';
import { epilogue, frameBytes } from '../masm/stack.js';
import { leaveByTailCall } from '../select/calls.js';
import { bindTraps, trapLabel } from '../select/context.js';
import { failInternally } from '../select/failure.js';
import { enterFrame, smallFrame, stackUse } from '../select/frame.js';
import { loadFrom } from '../select/osr.js';
import { isGoingOn } from '../select/progress.js';
import { bindYields } from '../select/safepoint.js';
import { beginArguments, placeArguments, placeOf, stackBytesOf } from '../select/signatures.js';
import { beginAsked } from './calls.js';
import { openFunction, selectSafepoint } from './control.js';
import { beginLocations } from './locations.js';
import { beginOperands, homeOfLocal } from './operands.js';
import { giveLocalsRegisters, isNamed, placeOfWord } from './registers.js';
import { walkBody } from './walk.js';

/** So many more registers are withheld from locals whenever one instruction needs more than there are, and at most. */
const withheldStep: i32 = 2;
const mostWithheld: i32 = 8;

/** Compiles the function that has been scanned. Returns one of the outcomes of `layout/select.ts`. */
export function compileBaseline(): i32 {
  const kept = load32(heap);
  for (let withheld = load32(layout.hasPairs) !== 0 ? withheldStep : 0; withheld <= mostWithheld; withheld += withheldStep) {
    freeFrom(kept);
    if (compileWith(withheld) !== pressure) return load32(outcome);
  }
  return outOfRegisters;
}

function compileWith(withheld: i32): i32 {
  begin();
  if (isGoingOn() && giveLocalsRegisters(withheld)) {
    if (load32(layout.hasCalls) !== 0) selectSafepoint();
    walkBody();
    if (isGoingOn()) finish();
  }
  isGoingOn();
  return load32(outcome);
}

/** Nothing is known of any function before. */
function begin(): void {
  store32(outcome, selected);
  store32(internalError, 0);
  store32(slotBytes, 0);
  store32(spShift, 0);
  store32(outgoingBytes, 0);
  store32(trapCount, 0);
  for (let kind = 0; kind < mostTraps; kind++) store32(trapLabels + (kind << 2), -1);
  beginAssembly(load32(functionStart));
  // In most functions at most three templates for four bytes.
  const bytes = load32(layout.bodyEnd) - load32(layout.bodyStart);
  reserveBody((bytes >> 1) + (bytes >> 4));
  makeArea(walk.yields);
  makeArea(walk.loopHeaders);
  makeArea(walk.headerHomesArea);
  store32(layout.isPending, 0);
  store32(layout.checkedRegs, 0);
  store32(layout.position, load32(layout.bodyStart));
  beginArguments();
  beginAsked();
  beginOperands();
  beginLocations();
  openFunction(load32(functionSignature));
  store32(walk.entryLabel, newLabel());
}

/** Puts around the body what is known only now. */
function finish(): void {
  bindYields();
  store32(frameSaved, (load32(layout.taken) & savedRegisters()) | load32(layout.localRegs) | constantRegs());
  store32(frameSlotBytes, load32(slotBytes));
  store32(frameSavesLink, load32(linkUsed));
  store32(frameStackArguments, stackBytesOf(load32(functionSignature)));
  const overflow = overflowBelow(0);
  const hasEntries = load32(walk.loopHeaders) !== load32(walk.loopHeaders + usedField);
  const entryOverflow = hasEntries ? overflowBelow(load32(frameStackArguments)) : -1;
  bindTraps();
  beginFinish();
  emitPrologue(overflow);
  for (let site = nextSite(); site >= 0; site = nextSite()) {
    const kind = load32(siteAt(site) + siteKind);
    if (kind === epilogueSite) epilogue();
    else leaveByTailCall(kind, load32(siteAt(site) + siteValue));
  }
  emitLoopEntries(entryOverflow);
  if (load32(linkUsed) !== 0 && load32(frameSavesLink) === 0) failInternally(walk.linkOverwritten);
}

/** Callee-saved registers that have constants: a set. */
function constantRegs(): i32 {
  const memory = load32(layout.memoryReg);
  const limit = load32(layout.limitReg);
  return (memory < 0 ? 0 : 1 << memory) | (limit < 0 ? 0 : 1 << limit);
}

/** Where a stack overflow leads; -1 where there is no check. */
function overflowBelow(above: i32): i32 {
  return load32(layout.hasCalls) !== 0 || stackUse(above) > smallFrame ? trapLabel(stackTrap) : -1;
}

/** The entry: frame, stack check, parameters to their places, zeroed locals, constants. */
function emitPrologue(overflow: i32): void {
  attribute(load32(functionStart));
  bind(load32(walk.entryLabel));
  enterFrame(0, overflow);
  const count = placeArguments(load32(functionSignature));
  const locals = load32(localCount);
  // Registers first: they are free once all have been taken from them.
  for (let local = 0; local < locals && firstWordOf(local) < count; local++) takeParameter(local, false);
  for (let local = 0; local < locals && firstWordOf(local) < count; local++) takeParameter(local, true);
  zeroLocals(count);
  loadConstants();
}

/** Does the frame reach as far as the home of a local? Only unreachable code names it otherwise. */
function hasHome(local: i32): boolean {
  return local << 3 < load32(frameSlotBytes);
}

/** Puts the words of a parameter where they live that has arrived in registers, or on the stack. */
function takeParameter(local: i32, onStack: boolean): void {
  const first = firstWordOf(local);
  for (let word = first; word < endOfWords(local); word++) {
    const place = placeOf(word);
    if (place < 0 !== onStack || !isNamed(word)) continue;
    const into = placeOfWord(word);
    const reg = !onStack ? place : into >= 0 ? into : argumentRegister(0);
    if (onStack) loadSlot(reg, frameBytes() + ~place);
    if (into >= 0) move(into, reg);
    else if (hasHome(local)) storeSlot(reg, homeOfLocal(local, word - first));
  }
}

/** Declared locals are 0, of words from a number on. */
function zeroLocals(first: i32): void {
  const locals = load32(localCount);
  let zero = zeroRegister();
  for (let local = 0; local < locals; local++) {
    const begin = firstWordOf(local);
    if (begin < first) continue;
    for (let word = begin; word < endOfWords(local); word++) {
      if (!isNamed(word)) continue;
      const into = placeOfWord(word);
      if (into >= 0) {
        loadConst(into, 0);
        continue;
      }
      if (!hasHome(local)) continue;
      if (zero < 0) {
        zero = argumentRegister(0);
        loadConst(zero, 0);
      }
      storeSlot(zero, homeOfLocal(local, word - begin));
    }
  }
}

function loadConstants(): void {
  if (load32(layout.memoryReg) >= 0) loadConst(load32(layout.memoryReg), load32(memoryBase));
  if (load32(layout.limitReg) >= 0) loadConst(load32(layout.limitReg), load32(layout.limit));
}

/** Places the entries at loops behind the function's code (jit/ABI.md, "On-stack replacement"). */
function emitLoopEntries(overflow: i32): void {
  for (let row = load32(walk.loopHeaders); row < load32(walk.loopHeaders + usedField); row += walk.headerStride) {
    const label = newLabel();
    store32(row + walk.headerEntry, label);
    attribute(load32(row + walk.headerIndex));
    bind(label);
    // The caller has passed no stack arguments: room for as many lets the function pop them as ever, or tail-call with them.
    enterFrame(load32(frameStackArguments), overflow);
    takeFrame(row);
    jump(load32(row + walk.headerLabel));
  }
}

/** Takes all locals and operands from the interpreter's frame, where a home has the same offset. */
function takeFrame(header: i32): void {
  // The only argument; no local has an argument register.
  const base = argumentRegister(0);
  const via = argumentRegister(1);
  const locals = load32(localCount);
  for (let local = 0; local < locals; local++) {
    const first = firstWordOf(local);
    for (let word = first; word < endOfWords(local); word++) {
      if (!isNamed(word)) continue;
      const into = placeOfWord(word);
      const offset = (local << 3) + ((word - first) << 2);
      if (into >= 0) loadFrom(into, base, offset);
      else if (hasHome(local)) {
        loadFrom(via, base, offset);
        storeSlot(via, offset);
      }
    }
  }
  const homes = load32(walk.headerHomesArea) + load32(header + walk.headerHomes);
  const end = homes + (load32(header + walk.headerHomeCount) << 2);
  for (let home = homes; home < end; home += 4) {
    loadFrom(via, base, load32(home));
    storeSlot(via, load32(home));
  }
  loadConstants();
}
