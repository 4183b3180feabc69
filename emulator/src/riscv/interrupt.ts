import { csrNumbers, mode, status } from './csr.js';
import type { Hart } from './hart.js';

/** In order of priority (privileged architecture, 3.1.9): external, software, timer, of machine mode first. */
const priorities = [11, 3, 7, 9, 1, 5];

/** The interrupt that a hart takes before its next instruction: its number in mip; undefined where none is pending and enabled. */
export function interruptToTake(hart: Hart): number | undefined {
  const read = (csr: number): bigint => hart.readCsr(csr) ?? 0n;
  const pending = read(csrNumbers.mip) & read(csrNumbers.mie);
  if (pending === 0n) return undefined;
  const before = read(csrNumbers.mstatus);
  const delegated = read(csrNumbers.mideleg);
  const machine = hart.mode < mode.machine || (before & status.mie) !== 0n;
  const supervisor = hart.mode < mode.supervisor || (hart.mode === mode.supervisor && (before & status.sie) !== 0n);
  const own = machine ? pending & ~delegated : 0n;
  const taken = own === 0n && supervisor ? pending & delegated : own;
  return priorities.find((number) => ((taken >> BigInt(number)) & 1n) === 1n);
}
