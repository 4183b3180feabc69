import { usedField } from '@fireball/wasm';
import * as layout from '../core/layout/analyses.js';
import { offsetField, recordCount, records, recordStride } from '../core/layout/body.js';
import { noRoom, takeCore, wordsIn } from '../instance/core.js';
import { readIntoCore, type FunctionSource } from '../plan/body.js';

/** The locals that may be read before they are written again, in front of each instruction of a body, by the index of its record. What unreachable instructions have is unspecified. */
export class LiveLocals {
  /** Where the set of each instruction begins. */
  private readonly first: Int32Array;
  private readonly sets: Int32Array;
  /** Of the instructions, in the module, by the indices of their records. Records of what else an instruction has say nothing. */
  private readonly offsets: Int32Array;

  /** @throws NoRoomError */
  constructor(source: Pick<FunctionSource, 'bytes' | 'start' | 'end' | 'index' | 'locals'>, core = takeCore()) {
    readIntoCore(source, core);
    if (!core.findLiveLocals(source.locals.length)) throw noRoom(source.index);
    const words = wordsIn(core);
    const snapshots = words[layout.snapshots >> 2]! >> 2;
    this.offsets = new Int32Array(words[recordCount >> 2]!).map((_, index) => words[(words[records >> 2]! + index * recordStride + offsetField) >> 2]!);
    this.first = words.slice(snapshots, snapshots + words[recordCount >> 2]!).map((bytes) => bytes >> 2);
    this.sets = words.slice(words[layout.snapshotSets >> 2]! >> 2, words[(layout.snapshotSets + usedField) >> 2]! >> 2);
  }

  offsetOf(index: number): number {
    return this.offsets[index]!;
  }

  isLive(index: number, local: number): boolean {
    return hasMember(this.sets, this.first[index]!, local);
  }
}

/** Is a number in the set that begins with the word `first`? */
export function hasMember(sets: Int32Array, first: number, member: number): boolean {
  return ((sets[first + (member >> 5)]! >>> (member & 31)) & 1) === 1;
}
