/** Which parts of the state a run changed, and in which parts two runs disagree. */
import type { Isa } from '@fireball/contracts';
import { dataBase, stackPointers, type Outcome, type TemplateState } from './runner.js';
import type { Resource, ResourceSet } from './resources.js';

/** Bytes below sp that a template may use and leave behind: an exception would overwrite them. */
const belowStack = 64;

/** One run: what was before, what was behind. */
export interface Run {
  readonly before: TemplateState;
  readonly after: Outcome;
}

const wordsOf = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

/** Offsets of the bytes of memory that the run changed, without what it left right below sp. */
function changedBytes(isa: Isa, { before, after }: Run): number[] {
  if (Buffer.compare(before.memory, after.memory) === 0) return [];
  const sp = ((after.registers[stackPointers[isa]] ?? 0) >>> 0) - dataBase;
  const old = wordsOf(before.memory);
  const offsets: number[] = [];
  wordsOf(after.memory).forEach((word, index) => {
    if (word === old[index]) return;
    for (let at = 4 * index; at < 4 * index + 4; at++) {
      if (before.memory[at] !== after.memory[at] && (at < sp - belowStack || at >= sp)) offsets.push(at);
    }
  });
  return offsets;
}

/** What is different behind the run. */
export function changesOf(isa: Isa, run: Run): Resource[] {
  const { before, after } = run;
  const changes: Resource[] = [];
  before.registers.forEach((value, number) => value !== after.registers[number] && changes.push({ kind: 'register', number }));
  if (after.floats !== before.floats) before.floats.forEach((value, number) => value !== after.floats[number] && changes.push({ kind: 'float', number }));
  if (before.nzcv !== after.nzcv) changes.push({ kind: 'flags' });
  if (changedBytes(isa, run).length > 0) changes.push({ kind: 'memory' });
  return changes;
}

/**
 * Do two runs give different results? Where both leave something as it was, that is none of their results.
 * @param outputs what the template declares to give; all of memory and the way on count too
 */
export function disagree(isa: Isa, a: Run, b: Run, outputs: ResourceSet): boolean {
  if (a.after.end !== b.after.end) return true;
  const differs = <T>(fromA: T, toA: T, fromB: T, toB: T): boolean => toA !== toB && (fromA !== toA || fromB !== toB);
  for (const number of outputs.registers) {
    if (differs(a.before.registers[number], a.after.registers[number], b.before.registers[number], b.after.registers[number])) return true;
  }
  for (const number of outputs.floats) {
    if (differs(a.before.floats[number], a.after.floats[number], b.before.floats[number], b.after.floats[number])) return true;
  }
  for (let bit = 1; outputs.flags && bit < 16; bit *= 2) {
    if (differs(a.before.nzcv & bit, a.after.nzcv & bit, b.before.nzcv & bit, b.after.nzcv & bit)) return true;
  }
  const stored = [...changedBytes(isa, a), ...changedBytes(isa, b)];
  return stored.some((at) => differs(a.before.memory[at], a.after.memory[at], b.before.memory[at], b.after.memory[at]));
}
