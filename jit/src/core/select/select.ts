/** Selection of a whole function: instructions become placed templates, in one walk over the body after plan and allocation. */
import { load32, store32 } from '@fireball/wasm';
import { hasCalls, tempRegCount, tempRegs } from '../layout/allocation.js';
import { instructionCount, mayCall } from '../layout/body.js';
import { functionStart } from '../layout/environment.js';
import { functionSignature } from '../layout/function.js';
import { epilogueSite, frameSaved, frameSavesLink, frameSlotBytes, frameStackArguments, linkUsed, siteKind, siteValue } from '../layout/masm.js';
import { outcome, savedInUse, slotBytes, stackTrap } from '../layout/select.js';
import { boundsSite, entryLabel, linkOverwritten, loopHeaders, mostResultRegs, resultRegCount, resultRegs } from '../layout/walk.js';
import { beginAssembly, newLabel, siteAt } from '../masm/assembly.js';
import { beginFinish, nextSite, reserveBody } from '../masm/moving.js';
import { argumentCount, argumentRegister, linkRole } from '../masm/roles.js';
import { epilogue } from '../masm/stack.js';
import { beginAddresses } from './addresses.js';
import { bindThunks, emitBoundsSite } from './bounds-checks.js';
import { leaveByTailCall } from './calls.js';
import { beginColdRegions, moveColdRanges } from './cold.js';
import { bindTraps, trapLabel } from './context.js';
import { beginEdges } from './edges.js';
import { failInternally } from './failure.js';
import { smallFrame, stackUse } from './frame.js';
import { openFunction } from './open-blocks.js';
import { beginLoopHeaders, emitLoopEntries } from './osr.js';
import { emitOutOfLine } from './out-of-line.js';
import { isGoingOn } from './progress.js';
import { emitPrologue } from './prologue.js';
import { beginSafepoints, bindYields, selectSafepoint } from './safepoint.js';
import { beginArguments, stackBytesOf } from './signatures.js';
import { beginState } from './state.js';
import { hasTemp } from './temporaries.js';
import { walk } from './walk.js';

/** Selects the function that has been planned and given registers. Returns what has become of it, one of the outcomes of `layout/select.ts`. */
export function selectFunction(): i32 {
  begin();
  if (load32(mayCall) !== 0) selectSafepoint();
  walk();
  if (isGoingOn()) moveColdRanges();
  emitOutOfLine();
  if (isGoingOn()) finish();
  isGoingOn();
  return load32(outcome);
}

/** Nothing is known of any function before. */
function begin(): void {
  beginAssembly(load32(functionStart));
  reserveBody(load32(instructionCount));
  beginState();
  beginArguments();
  beginEdges();
  beginColdRegions();
  beginSafepoints();
  beginLoopHeaders();
  openFunction(load32(functionSignature));
  store32(entryLabel, newLabel());
  chooseResultRegs();
  beginAddresses();
}

/** Results of blocks meet in temporaries, argument registers first. */
function chooseResultRegs(): void {
  store32(resultRegCount, 0);
  let taken = 0;
  const inArguments = argumentCount();
  for (let index = 0; index < inArguments; index++) {
    const reg = argumentRegister(index);
    taken |= 1 << reg;
    if (hasTemp(reg)) addResultReg(reg);
  }
  const temps = load32(tempRegs);
  const count = load32(tempRegCount);
  for (let index = 0; index < count && load32(resultRegCount) < mostResultRegs; index++) {
    const reg = load32(temps + (index << 2));
    if (((taken >>> reg) & 1) === 0) addResultReg(reg);
  }
}

function addResultReg(reg: i32): void {
  const count = load32(resultRegCount);
  if (count === mostResultRegs) return;
  store32(resultRegs + (count << 2), reg);
  store32(resultRegCount, count + 1);
}

/** Puts around the body what is known only now. */
function finish(): void {
  bindYields();
  writeFrame();
  const overflow = overflowBelow(0);
  const hasEntries = load32(loopHeaders) !== load32(loopHeaders + 4);
  const entryOverflow = hasEntries ? overflowBelow(load32(frameStackArguments)) : -1;
  bindThunks();
  bindTraps();
  beginFinish();
  emitPrologue(overflow);
  for (let site = nextSite(); site >= 0; site = nextSite()) emitSite(load32(siteAt(site) + siteKind), load32(siteAt(site) + siteValue));
  emitLoopEntries(entryOverflow);
  if (load32(linkUsed) !== 0 && load32(frameSavesLink) === 0) failInternally(linkOverwritten);
}

function writeFrame(): void {
  const link = linkRole();
  store32(frameSaved, load32(savedInUse) & (link < 0 ? -1 : ~(1 << link)));
  store32(frameSlotBytes, load32(slotBytes));
  store32(frameSavesLink, load32(linkUsed));
  store32(frameStackArguments, stackBytesOf(load32(functionSignature)));
}

/** Where a stack overflow leads; -1 where there is no check. Tail calls with many stack arguments lower sp as a large frame does. */
function overflowBelow(above: i32): i32 {
  return load32(hasCalls) !== 0 || stackUse(above) > smallFrame ? trapLabel(stackTrap) : -1;
}

/** The function is left here. */
function emitSite(kind: i32, value: i32): void {
  if (kind === epilogueSite) epilogue();
  else if (kind === boundsSite) emitBoundsSite(value);
  else leaveByTailCall(kind, value);
}
