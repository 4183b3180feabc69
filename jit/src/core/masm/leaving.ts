/** Branches by what they lead to. */
import { toAddress, toCallee, toLabel } from '../layout/placed.js';
import { branch } from './assembly.js';

/** Places a branch of a kind, with its values, which are bytes of a word (`bytesOf`), to a label. */
export function branchTo(label: i32, kind: i32, values: i32 = 0): void {
  branch(kind, toLabel, label, values);
}

/** To an address outside of the function. */
export function leaveTo(address: i32, kind: i32, values: i32 = 0): void {
  branch(kind, toAddress, address, values);
}

/** To another function of the module, wherever it will lie. */
export function leaveToCallee(callee: i32, kind: i32, values: i32 = 0): void {
  branch(kind, toCallee, callee, values);
}
