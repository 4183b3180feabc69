/** Calls of Thumb-2, exact bounds checks, traps and what else leaves the function. */
import { load32, store32 } from '@fireball/wasm';
import { loadWord } from '../../layout/machine.js';
import { linkUsed } from '../../layout/masm.js';
import { trapRole } from '../../layout/placed.js';
import * as t from '../../layout/thumb2-templates.js';
import { placeSite } from '../assembly.js';
import { branchTo, leaveTo, leaveToCallee } from '../leaving.js';
import { emit1, setRole } from '../records.js';
import { forgetFlags, loadConst, lr, r12 } from './emitter.js';
import { access } from './memory.js';

/** Where the memory's bounds routine is entered for a register (6 bytes each; jit/templates/thumb2/rom.S). */
function boundsEntry(routine: i32, reg: i32): i32 {
  return (routine + reg * 6) | 0;
}

function writesLink(): void {
  forgetFlags();
  store32(linkUsed, 1);
}

export function exactBoundsCheck(a: i32, extent: i32, routine: i32): void {
  writesLink();
  loadConst(r12, extent);
  leaveTo(boundsEntry(routine, a), t.callKind);
}

export function boundsThunk(a: i32, extent: i32, routine: i32): void {
  loadConst(r12, extent);
  leaveTo(boundsEntry(routine, a), t.farJumpKind);
}

export function returnSite(kind: i32, value: i32): void {
  placeSite(t.udf, kind, value);
}

export function boundsCallSite(kind: i32, value: i32): void {
  store32(linkUsed, 1);
  returnSite(kind, value);
}

export function callLabel(target: i32): void {
  writesLink();
  branchTo(target, t.callKind);
}

export function callFunction(callee: i32): void {
  writesLink();
  leaveToCallee(callee, t.callKind);
}

export function jumpFunction(callee: i32): void {
  leaveToCallee(callee, t.farJumpKind);
}

export function callSlot(base: i32, offset: i32, via: i32): void {
  writesLink();
  access(loadWord, via, base, offset);
  emit1(t.blxR, via);
}

export function callRoutine(address: i32): void {
  writesLink();
  leaveTo(address, t.callKind);
}

export function callFarRoutine(address: i32): void {
  writesLink();
  loadConst(r12, address | 1);
  emit1(t.blxR, r12);
}

export function callService(address: i32): i32 {
  forgetFlags();
  // A register that goes along keeps sp a multiple of 8.
  const kept = (1 << r12) | (1 << lr);
  const isSaved = load32(linkUsed) !== 0;
  if (!isSaved) emit1(t.pushW, kept);
  leaveTo(address, t.callKind);
  if (isSaved) return 0;
  emit1(t.popW, kept);
  return 8;
}

export function trap(kind: i32): void {
  emit1(t.udf, kind);
  setRole(trapRole);
}

export function systemCall(): void {
  emit1(t.svc, 0);
}

export function jumpRegister(reg: i32): void {
  emit1(t.bxR, reg);
}
