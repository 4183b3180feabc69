import { counterCsrs } from './counters.js';
import type { Counters } from './counters.js';
import { csrNumbers, mode } from './csr.js';
import type { Hart } from './hart.js';
import { unsupportedTranslation } from './paging.js';

const firstPmp = 0x3a0;
const lastPmp = 0x3ef;
/** Bit of `mstatus`: satp and SFENCE.VMA trap in supervisor mode. */
const trapVirtualMemory = 1n << 20n;
/** In the upper 12 bits of instructions that are no CSR accesses: SFENCE.VMA, whose rs2 is any. */
const sfenceVma = 0x120;

const floatCsrs: readonly number[] = [csrNumbers.fflags, csrNumbers.frm, csrNumbers.fcsr];

/**
 * For `riscv_watch`: instructions that the library executes otherwise than the hart has to.
 * @param floats does the hart have registers for floating point? The library's always has those of their state
 */
export function watchedInstructions({ takesTraps }: Hart, floats: boolean): Uint8Array {
  const watched = new Uint8Array(8192);
  if (!floats) for (const csr of floatCsrs) watched[csr] = 1;
  for (const csr of counterCsrs) watched[csr] = 1;
  // PMP's are out of reach without the library's internals, and interrupts that the guest makes pending are ours to take.
  if (takesTraps) watched.fill(1, firstPmp, lastPmp + 1);
  else for (const csr of [csrNumbers.mip, csrNumbers.sip]) watched[csr] = 1;
  watched[csrNumbers.satp] = 1;
  watched.fill(1, 4096 + sfenceVma, 4096 + sfenceVma + 32);
  return watched;
}

/** What an instruction does its work on. */
export interface SystemContext {
  readonly hart: Hart;
  readonly xlen: 32 | 64;
  readonly supervisor: boolean;
  readonly counters: Counters;
  readRegister(number: number): bigint;
  writeRegister(number: number, value: bigint): void;
  readonly readWord: (address: number) => number | undefined;
}

/** `unsupported`: what about it, for a sentence. */
type SystemOutcome = { readonly kind: 'done' } | { readonly kind: 'illegal' } | { readonly kind: 'unsupported'; readonly what: string };

const done: SystemOutcome = { kind: 'done' };
const illegal: SystemOutcome = { kind: 'illegal' };

/** Executes an instruction of `watchedInstructions`. PC is the caller's business. */
export function executeSystem(word: number, context: SystemContext): SystemOutcome {
  const operation = (word >>> 12) & 7;
  return operation === 0 ? fence(context) : accessCsr(word, operation, context);
}

function fence(context: SystemContext): SystemOutcome {
  if (!context.supervisor || !mayTranslate(context)) return illegal;
  return translationChanged(context);
}

/** satp and SFENCE.VMA (privileged architecture, 3.1.6.5). */
function mayTranslate({ hart }: SystemContext): boolean {
  if (hart.mode === mode.machine) return true;
  return hart.mode === mode.supervisor && ((hart.readCsr(csrNumbers.mstatus) ?? 0n) & trapVirtualMemory) === 0n;
}

function translationChanged({ hart, xlen, readWord }: SystemContext): SystemOutcome {
  hart.flush();
  const what = unsupportedTranslation(hart.readCsr(csrNumbers.satp) ?? 0n, xlen, readWord);
  return what === undefined ? done : { kind: 'unsupported', what };
}

/** CSRRW, CSRRS, CSRRC and their immediate forms (unprivileged architecture, 9.1). */
function accessCsr(word: number, operation: number, context: SystemContext): SystemOutcome {
  const { hart, counters, xlen } = context;
  const csr = word >>> 20;
  const source = (word >>> 15) & 31;
  const immediate = (operation & 4) !== 0;
  const kind = operation & 3;
  // Set and clear of x0 or 0 do not write at all.
  const writes = kind === 1 || source !== 0;
  if (kind === 0 || (writes && csr >>> 10 === 3) || hart.mode < ((csr >>> 8) & 3)) return illegal;
  if (floatCsrs.includes(csr) || (csr === csrNumbers.satp && !mayTranslate(context))) return illegal;
  const isCounter = counterCsrs.includes(csr);
  if (isCounter && !mayCount(csr, context)) return illegal;
  const before = isCounter ? counters.read(csr, xlen) : hart.readCsr(csr);
  if (before === undefined) return illegal;
  const operand = immediate ? BigInt(source) : context.readRegister(source);
  const after = kind === 1 ? operand : kind === 2 ? before | operand : before & ~operand;
  if (writes && isCounter) counters.write(csr, xlen, after);
  else if (writes && !hart.writeCsr(csr, after)) return illegal;
  context.writeRegister((word >>> 7) & 31, before);
  if (!writes || isCounter) return done;
  if (csr === csrNumbers.satp) return translationChanged(context);
  hart.flush();
  return done;
}

/** mcounteren and scounteren (3.1.11, 4.1.5): the unprivileged counters for less privileged modes. */
function mayCount(csr: number, { hart, supervisor }: SystemContext): boolean {
  if (hart.mode === mode.machine || csr < csrNumbers.cycle) return true;
  const bit = 1n << BigInt(csr & 31);
  if (((hart.readCsr(csrNumbers.mcounteren) ?? 0n) & bit) === 0n) return false;
  return hart.mode === mode.supervisor || !supervisor || ((hart.readCsr(csrNumbers.scounteren) ?? 0n) & bit) !== 0n;
}
