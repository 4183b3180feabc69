import { csrNumbers, mode, status } from './csr.js';
import type { Hart } from './hart.js';

/**
 * Enters the trap of an exception or interrupt (privileged architecture, 3.1.6.1, 3.1.8 and 3.1.7): to supervisor mode where it is delegated.
 * @param code mcause without its interrupt bit
 * @returns the PC of the handler
 */
export function enterTrap(hart: Hart, xlen: 32 | 64, { code, interrupt, tval, pc }: { code: number; interrupt: boolean; tval: bigint; pc: bigint }): bigint {
  const from = hart.mode;
  const delegated = hart.readCsr(interrupt ? csrNumbers.mideleg : csrNumbers.medeleg) ?? 0n;
  const toSupervisor = from !== mode.machine && ((delegated >> BigInt(code)) & 1n) === 1n;
  const before = hart.readCsr(csrNumbers.mstatus) ?? 0n;
  const to = toSupervisor ? supervisorTrap : machineTrap;
  const enabled = (before & to.ie) !== 0n;
  let after = before & ~(to.ie | to.pie | to.pp);
  if (enabled) after |= to.pie;
  after |= BigInt(from) << to.ppShift;
  const number = BigInt(code);
  hart.writeCsr(to.cause, interrupt ? (1n << BigInt(xlen - 1)) | number : number);
  hart.writeCsr(to.epc, pc);
  hart.writeCsr(to.tval, tval);
  hart.writeCsr(csrNumbers.mstatus, after);
  hart.mode = toSupervisor ? mode.supervisor : mode.machine;
  const vector = hart.readCsr(to.tvec) ?? 0n;
  const base = vector & ~3n;
  return interrupt && (vector & 3n) === 1n ? base + 4n * number : base;
}

const machineTrap = {
  ie: status.mie,
  pie: status.mpie,
  pp: status.mpp,
  ppShift: status.mppShift,
  cause: csrNumbers.mcause,
  epc: csrNumbers.mepc,
  tval: csrNumbers.mtval,
  tvec: csrNumbers.mtvec,
};

const supervisorTrap = {
  ie: status.sie,
  pie: status.spie,
  pp: status.spp,
  ppShift: 8n,
  cause: csrNumbers.scause,
  epc: csrNumbers.sepc,
  tval: csrNumbers.stval,
  tvec: csrNumbers.stvec,
};
