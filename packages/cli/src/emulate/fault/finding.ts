import type { Machine } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import type { Observer } from '../observer.js';
import { describeAddress, describeCode, hex } from '../places.js';

/** A machine that stands still, and what was heard of it. */
export interface Ended {
  readonly machine: Machine;
  readonly symbols: ProgramSymbols;
  readonly observer: Observer;
  readonly reason: string;
  readonly code: number;
  readonly detail: string | undefined;
}

/** What an architecture says of a fault. */
export interface Finding {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly registers: Readonly<Record<string, string>>;
  readonly pc: number;
  readonly link: number;
  readonly sp: number;
  readonly address: number | undefined;
  readonly active: readonly string[];
}

/** `HardFault: a load went to where there is nothing, at 0x20010000, directly behind ram, in copy+0x12 (copy.c:7)`. */
export function verdictOf({ machine, symbols }: Ended, title: string, cause: string, pc: number, address: number | undefined): string {
  const where = describeCode(symbols, pc);
  const target = address === undefined ? '' : `, at ${hex(address)}, ${describeAddress(machine, symbols, address)}`;
  return `${title}: ${cause}${target}${where === '' ? '' : `, in ${where}`}`;
}

/** Names that linker scripts give the end of the stack. */
const stackLimits = ['__StackLimit', '__stack_limit', '_sstack', '__heap_end'];
/** So far from its memory a stack pointer belongs to it. */
const near = 0x1000;

/** What is wrong with a stack pointer; undefined where nothing is, or nobody knows. */
export function stackTrouble(machine: Machine, symbols: ProgramSymbols, sp: number): string | undefined {
  const isMapped = machine.bus.at(sp)?.kind === 'memory';
  if (!isMapped) {
    const rams = machine.bus.memories.filter(({ kind }) => kind === 'ram');
    const below = rams.find(({ base }) => sp < base && base - sp < near);
    if (below !== undefined) return `stack overflow: SP ${hex(sp)} is ${below.base - sp} bytes before ${below.name}`;
    // An empty stack ends where the memory does.
    const above = rams.find(({ base, bytes }) => sp > base + bytes.length && sp - base - bytes.length < near);
    if (above !== undefined)
      return `SP ${hex(sp)} is ${sp - above.base - above.bytes.length} bytes behind ${above.name}: more was taken off the stack than put there, or it began in the wrong place`;
    return rams.some(({ base, bytes }) => sp === base + bytes.length) ? undefined : `SP ${hex(sp)} points to no memory`;
  }
  for (const name of stackLimits) {
    const limit = symbols.addressOf(name);
    if (limit !== undefined && sp < limit && machine.bus.at(limit)?.kind === 'memory' && limit - sp < near)
      return `stack overflow: SP ${hex(sp)} is ${limit - sp} bytes below ${name}`;
  }
  return undefined;
}
