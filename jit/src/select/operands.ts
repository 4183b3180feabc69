import type { Shift } from '../target/macro-assembler.js';
import type { FloatReg, Reg } from '../target/registers.js';

/** Where a pure operand is read: a local's word, a temporary that the entry owns, or a constant's own register. */
export type Source = { readonly word: number } | { readonly reg: Reg } | { readonly fixed: Reg };

/** Register of a source; -1 for a local that lives in memory. */
export function registerOf(source: Source, localRegs: Int32Array): Reg {
  if ('reg' in source) return source.reg;
  if ('fixed' in source) return source.fixed;
  return localRegs[source.word] ?? -1;
}

/**
 * One word of the abstract operand stack. Nothing here has been stored to memory unless it says
 * `home`; computations that cannot trap may still be pending.
 */
export type Entry = { readonly high: boolean } & (
  | { readonly kind: 'const'; readonly value: number }
  /** source + c, wrapping. */
  | { readonly kind: 'sum'; readonly source: Source; readonly c: number }
  /** (source shifted) + c, wrapping. */
  | { readonly kind: 'shift'; readonly source: Source; readonly shift: Shift; readonly amount: number; readonly c: number }
  | { readonly kind: 'product'; readonly a: Source; readonly b: Source }
  /** A single, or a word of a double, in a floating-point register, of which every entry owns a share. */
  | { readonly kind: 'float'; readonly float: FloatReg; readonly part: 'single' | 'low' | 'high' }
  /** In its home slot. */
  | { readonly kind: 'home'; readonly spOffset: number }
);

/** The upper word of the sign extension of what is there. */
export function signOf(source: Source): Entry {
  return { kind: 'shift', source, shift: 'shr_s', amount: 31, c: 0, high: true };
}

/** Is `high` pending as the sign of the same word? */
export function isSignOf(high: Entry, low: Entry): boolean {
  if (high.kind !== 'shift' || high.shift !== 'shr_s' || high.amount !== 31 || high.c !== 0) return false;
  return low.kind === 'sum' && low.c === 0 && isSameSource(low.source, high.source);
}

function isSameSource(a: Source, b: Source): boolean {
  if ('word' in a) return 'word' in b && a.word === b.word;
  if ('reg' in a) return 'reg' in b && a.reg === b.reg;
  return 'fixed' in b && a.fixed === b.fixed;
}

export function sourcesOf(entry: Entry): readonly Source[] {
  switch (entry.kind) {
    case 'sum':
    case 'shift':
      return [entry.source];
    case 'product':
      return [entry.a, entry.b];
    case 'const':
    case 'float':
    case 'home':
      return [];
  }
}

/** As `sourcesOf(entry).some(test)`; nearly every instruction asks. */
export function someSource(entry: Entry, test: (source: Source) => boolean): boolean {
  switch (entry.kind) {
    case 'sum':
    case 'shift':
      return test(entry.source);
    case 'product':
      return test(entry.a) || test(entry.b);
    case 'const':
    case 'float':
    case 'home':
      return false;
  }
}

export function readsWord(entry: Entry, word: number): boolean {
  return someSource(entry, (source) => 'word' in source && source.word === word);
}

export function readsRegister(entry: Entry, reg: Reg, localRegs: Int32Array): boolean {
  return someSource(entry, (source) => registerOf(source, localRegs) === reg);
}

/** The floating-point register that holds a value as a whole; `low` is undefined for singles. */
export function floatOf(low: Entry | undefined, top: Entry | undefined): FloatReg | undefined {
  if (top?.kind !== 'float') return undefined;
  if (low === undefined) return top.part === 'single' ? top.float : undefined;
  return low.kind === 'float' && low.part === 'low' && top.part === 'high' && low.float === top.float ? top.float : undefined;
}
