import { hostCallPlan, trapKinds, wordsOf, type CodeTrapKind } from '@fireball/jit';
import type { Isa } from '@fireball/contracts';
import type { VsocFunction } from '../runtime/externs.js';
import { wordsOfValue, type ReferenceWords, type VsocValue } from '../runtime/values.js';
import type { RomData } from './rom-data.js';
import type { RamRegion } from './ram-image.js';

/** One call that the driver makes. */
export interface BareCall {
  /** Printed in front of how the call ended. */
  readonly label: string;
  readonly function: VsocFunction;
  readonly args: readonly VsocValue[];
}

/** An address at which generated code traps. */
export interface TrapSite {
  readonly address: number;
  readonly kind: CodeTrapKind;
}

/** What the driver is told (vsoc/guest/board/board.h). */
interface BoardFacts {
  readonly isa: Isa;
  /** RAM for the driver's state. */
  readonly state: number;
  readonly stackTop: number;
  readonly hasFpu: boolean;
  /** Contents of RAM and where they lie in ROM. */
  readonly copies: readonly { readonly part: RamRegion; readonly from: number }[];
  /** All RAM that starts as zeros, where no copy covers it. */
  readonly zeros: readonly RamRegion[];
  readonly calls: readonly BareCall[];
  readonly references: ReferenceWords;
  readonly resultBuffer: number;
  readonly trapSites: readonly TrapSite[];
  /** Routines that tell the kind of their traps themselves. */
  readonly rom: { readonly begin: number; readonly end: number };
}

/** Bytes of `struct state`. */
export const stateBytes = 32;

/** Places `struct board` and all that it points to; returns its address. */
export function placeDescriptor(data: RomData, facts: BoardFacts): number {
  const names = trapKinds.map((kind) => data.text(kind));
  const calls = facts.calls.flatMap((call) => placeCall(data, facts, call));
  const sites = facts.trapSites.flatMap(({ address, kind }) => [address, trapKinds.indexOf(kind)]);
  return data.words([
    facts.state,
    facts.stackTop,
    facts.hasFpu ? 1 : 0,
    data.words(facts.copies.flatMap(({ part, from }) => [part.base, from, part.bytes.length / 4])),
    facts.copies.length,
    data.words(facts.zeros.flatMap(({ base, bytes }) => [base, bytes.length / 4])),
    facts.zeros.length,
    data.words(calls),
    facts.calls.length,
    facts.resultBuffer,
    data.words(names),
    names.length,
    data.words(sites),
    facts.trapSites.length,
    facts.rom.begin,
    facts.rom.end,
  ]);
}

/** Words of `struct call`. */
function placeCall(data: RomData, { isa, references }: BoardFacts, { label, function: callee, args }: BareCall): number[] {
  const { words, stackWords } = argumentBlock(isa, callee, args, references);
  const widths = callee.type.results.map(wordsOf);
  return [data.text(label), callee.slot, data.words(words), stackWords, data.bytes([...widths, 0])];
}

/** Argument registers in order, by number: r0-r3, a0-a7 = x10-x17. */
const argumentRegisters = { thumb2: { first: 0, count: 4 }, rv32: { first: 10, count: 8 } } as const satisfies Record<Isa, object>;

/** A word per argument register, then the stack's. */
function argumentBlock(isa: Isa, { type }: VsocFunction, args: readonly VsocValue[], references: ReferenceWords): { words: number[]; stackWords: number } {
  const { first, count } = argumentRegisters[isa];
  const plan = hostCallPlan(type, isa);
  const stackWords = plan.stackBytes / 4;
  const words = new Array<number>(count + stackWords).fill(0);
  const values = args.flatMap((value) => wordsOfValue(value, references));
  plan.arguments.forEach((place, index) => {
    const position = 'register' in place ? Number(place.register.slice(1)) - first : count + place.stack / 4;
    words[position] = values[index] ?? 0;
  });
  return { words, stackWords };
}
