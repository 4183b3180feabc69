import { load32, store32 } from '@fireball/wasm';
import * as layout from '../../core/layout/select.js';
import * as masmLayout from '../../core/layout/masm.js';
import * as contents from '../../core/select/contents.js';
import * as entries from '../../core/select/entries.js';
import * as stack from '../../core/select/operand-stack.js';
import type { Entry, Source } from '../../select/operands.js';
import { aluNumbers } from '../../target/alu.js';
import { masmCores } from '../masm/cores.js';
import type { StateRun } from './run.js';

const parts = ['single', 'low', 'high'] as const;
/** The core's row of an entry. */
export function rowOf(entry: Entry): number {
  const row = entries.newEntry();
  const write = (field: number, value: number): void => {
    store32(row + field, value);
  };
  const writeSource = (source: Source, from: number, field: number): void => {
    const [kind, value] = sourceOf(source);
    write(from, kind);
    write(field, value);
  };
  write(layout.entryHigh, Number(entry.high));
  write(layout.entryKind, kinds.indexOf(entry.kind));
  switch (entry.kind) {
    case 'const':
      write(layout.entryC, entry.value);
      break;
    case 'sum':
      writeSource(entry.source, layout.entryFrom, layout.entrySource);
      write(layout.entryC, entry.c);
      break;
    case 'shift':
      writeSource(entry.source, layout.entryFrom, layout.entrySource);
      write(layout.entryC, entry.c);
      write(layout.entryShift, aluNumbers[entry.shift]);
      write(layout.entryAmount, entry.amount);
      break;
    case 'product':
      writeSource(entry.a, layout.entryFrom, layout.entrySource);
      writeSource(entry.b, layout.entryShift, layout.entryAmount);
      break;
    case 'float':
      write(layout.entryC, entry.float);
      write(layout.entryShift, parts.indexOf(entry.part));
      break;
    case 'home':
      write(layout.entryC, entry.spOffset);
  }
  return row;
}

const kinds = ['const', 'sum', 'shift', 'product', 'float', 'home'];

function sourceOf(source: Source): [number, number] {
  if ('word' in source) return [layout.wordSource, source.word];
  return 'reg' in source ? [layout.ownSource, source.reg] : [layout.fixedSource, source.fixed];
}

/** What counts of a row. */
function seenRow(row: number): number[] {
  const words = Array.from({ length: 7 }, (_, index) => load32(row + 4 * index));
  const used: Record<number, number> = {
    [layout.constEntry]: 0b0010011,
    [layout.sumEntry]: 0b0011111,
    [layout.shiftEntry]: 0b1111111,
    [layout.productEntry]: 0b1101111,
    [layout.floatEntry]: 0b0110011,
    [layout.homeEntry]: 0b0010011,
  };
  return words.filter((_, index) => (used[words[0]!]! >> index) & 1);
}

/** What is known of the abstract machine. */
export function seen({ state, run }: StateRun) {
  const privates = state as unknown as { floats: { contents: Map<number, string> } };
  return {
    stack: [...state.stack.all].map((entry) => seenRow(rowOf(entry)).join()),
    height: state.height,
    general: [...state.temporaries.owners()].map(String),
    floating: [...state.floats.owners()]
      .filter(([, count]) => count > 0)
      .sort(([a], [b]) => a - b)
      .map(String),
    cached: [...state.temporaries.cached()],
    known: [...state.contents.now()].map(([reg, content]) =>
      ('constant' in content ? [reg, 0, content.constant | 0, 0, 0] : [reg, 1, content.word, content.c, Number(content.again === true)]).join(),
    ),
    floats: [...privates.floats.contents].map(([reg, text]) => `${reg} ${text}`),
    saved: state.saved.reduce((set, reg) => set | (1 << reg), 0),
    slots: [state.slotBytes, state.outgoingBytes, state.spShift],
    linkUsed: run.masm.linkUsed,
    placed: run.assembly.count,
  };
}

export function seenInCore(): ReturnType<typeof seen> {
  const uses = (at: number): string[] =>
    Array.from({ length: 32 }, (_, reg) => [reg, load32(at + 4 * reg)] as const)
      .filter(([, count]) => count > 0)
      .map(String);
  const rows = <T>(count: number, row: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => row(index));
  const wordsAt = (at: number, count: number): number[] => rows(count, (index) => load32(at + 4 * index));
  const pointers = load32(layout.cachedPointers);
  return {
    stack: rows(stack.stackLength(), (position) => seenRow(stack.entryAt(position)).join()),
    height: stack.stackHeight(),
    general: uses(layout.registerUses),
    floating: uses(layout.floatShares),
    cached: rows((load32(layout.cachedPointers + 4) - pointers) / layout.pointerStride, (index) => load32(pointers + index * layout.pointerStride)),
    known: rows(contents.knownCount(), (index) => wordsAt(contents.knownRow(index), 5).join()),
    floats: rows(load32(layout.floatRows), (index) => {
      const [reg, kind, low, high] = wordsAt(layout.knownFloats + index * layout.floatStride, 4);
      return `${reg} ${[`local ${low}`, `f32 ${low}`, `f64 ${low} ${high}`][kind!]}`;
    }),
    saved: load32(layout.savedInUse),
    slots: [layout.slotBytes, layout.outgoingBytes, layout.spShift].map(load32),
    linkUsed: load32(masmLayout.linkUsed) !== 0,
    placed: masmCores.sources.placedCount(),
  };
}
