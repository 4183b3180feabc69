/** Calls of RV32, exact bounds checks, traps and what else leaves the function. */
import { store32 } from '@fireball/wasm';
import { loadWord } from '../../layout/machine.js';
import { linkUsed } from '../../layout/masm.js';
import { trapRole } from '../../layout/placed.js';
import * as t from '../../layout/rv32-templates.js';
import { placeSite } from '../assembly.js';
import { branchTo, leaveTo, leaveToCallee } from '../leaving.js';
import { emit0, emit1, setRole } from '../records.js';
import { loadConst, ra, t0, t1, x0 } from './emitter.js';
import { access } from './memory.js';

/** Where the memory's bounds routine is entered for a register (jit/templates/rv32/runtime.S): 4 bytes for each of x8..x31. */
function boundsEntry(routine: i32, reg: i32): i32 {
  return (routine + (reg - 8) * 4) | 0;
}

function writesLink(): void {
  store32(linkUsed, 1);
}

export function exactBoundsCheck(a: i32, extent: i32, routine: i32): void {
  loadConst(t1, extent);
  leaveTo(boundsEntry(routine, a), t.linkKind, t0);
}

export function boundsThunk(a: i32, extent: i32, routine: i32): void {
  loadConst(t1, extent);
  leaveTo(boundsEntry(routine, a), t.linkKind, x0);
}

export function returnSite(kind: i32, value: i32): void {
  placeSite(t.ebreak, kind, value);
}

export function callThunk(target: i32): void {
  branchTo(target, t.linkKind, t0);
}

export function callLabel(target: i32): void {
  writesLink();
  branchTo(target, t.linkKind, ra);
}

export function callFunction(callee: i32): void {
  writesLink();
  leaveToCallee(callee, t.linkKind, ra);
}

export function jumpFunction(callee: i32): void {
  leaveToCallee(callee, t.linkKind, x0);
}

export function callSlot(base: i32, offset: i32, via: i32): void {
  writesLink();
  access(loadWord, via, base, offset);
  emit1(t.cJalr, via);
}

export function callRoutine(address: i32): void {
  writesLink();
  leaveTo(address, t.linkKind, ra);
}

export function callFarRoutine(address: i32): void {
  writesLink();
  loadConst(t1, address);
  emit1(t.cJalr, t1);
}

export function callService(address: i32): i32 {
  leaveTo(address, t.linkKind, t0);
  return 0;
}

export function trap(): void {
  emit0(t.ebreak);
  setRole(trapRole);
}

export function systemCall(): void {
  emit0(t.ecall);
}

export function jumpRegister(reg: i32): void {
  emit1(t.cJr, reg);
}
