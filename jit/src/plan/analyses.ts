import { InternalError } from '@fireball/contracts';
import { usedField, type OpName } from '@fireball/wasm';
import * as layout from '../core/layout/analyses.js';
import * as bodyLayout from '../core/layout/body.js';
import { loop } from '../core/layout/classes.js';
import { parameterCount, resultCount } from '../core/layout/function.js';
import { noRoom, wordsIn, type Core } from '../instance/core.js';
import { operationOf } from '../instance/operations.js';
import { wordCount, wordsOf } from './words.js';
import type { FunctionSource } from './body.js';
import { ExtendedLocals } from './extended-locals.js';

/** What the core finds out of the body that it has read last, until it is there for another function. */
export class Analyses {
  private readonly generation: number;

  /**
   * Finds which locals are extended words.
   * @throws NoRoomError
   */
  constructor(
    readonly core: Core,
    private readonly source: Pick<FunctionSource, 'index' | 'locals' | 'type'>,
  ) {
    const { locals, type } = source;
    const firstWords = this.take(locals.length + 1);
    const { words } = this;
    let at = firstWords >> 2;
    let count = 0;
    for (let local = 0; local < locals.length; local++) {
      words[at++] = count;
      count += wordsOf(locals[local]!);
    }
    words[at] = count;
    this.generation = words[bodyLayout.generation >> 2]!;
    words[layout.localCount >> 2] = locals.length;
    words[layout.parameterCount >> 2] = type.params.length;
    words[layout.wordCount >> 2] = count;
    words[layout.parameterWords >> 2] = wordCount(type.params);
    words[layout.firstWords >> 2] = firstWords;
    this.must(core.findExtendedLocals());
  }

  get extended(): ExtendedLocals {
    return new ExtendedLocals(this.bytesAt(layout.extended, this.source.locals.length));
  }

  /**
   * Branches that may go around code as a whole: the index of each, and of what opens the block to whose end it goes.
   * @throws NoRoomError
   */
  *regions(withTables: boolean): Generator<readonly [index: number, block: number]> {
    this.check();
    this.must(this.core.findRegions(withTables ? 1 : 0));
    const { words } = this;
    const end = words[(layout.regions + usedField) >> 2]!;
    for (let row = words[layout.regions >> 2]!; row < end; row += layout.regionStride) {
      yield [words[(row + layout.regionAt) >> 2]!, words[(row + layout.regionBlock) >> 2]!];
    }
  }

  /** How many records there are: of instructions, and what some of those have more in front of it. */
  get length(): number {
    return this.words[bodyLayout.recordCount >> 2]!;
  }

  /** Of an instruction. */
  operationAt(index: number): OpName {
    return operationOf((this.fieldAt(index, 0) >> bodyLayout.operationShift) & bodyLayout.operationBits).name;
  }

  /** Is it an instruction that begins a loop? */
  isLoop(index: number): boolean {
    return (this.fieldAt(index, bodyLayout.classField) & 0xff) === loop;
  }

  /** Offset of an instruction in the module. */
  offsetAt(index: number): number {
    return this.fieldAt(index, bodyLayout.offsetField);
  }

  /** How many parameters and results a block has, of the instruction that opens it. */
  blockAt(index: number): { readonly params: number; readonly results: number } {
    const signature = this.fieldAt(index, bodyLayout.typeField);
    const { words } = this;
    return { params: words[(signature + parameterCount) >> 2]!, results: words[(signature + resultCount) >> 2]! };
  }

  private fieldAt(index: number, field: number): number {
    this.check();
    const { words } = this;
    return words[(words[bodyLayout.records >> 2]! + index * bodyLayout.recordStride + field) >> 2]!;
  }

  private bytesAt(address: number, length: number): Uint8Array {
    const first = this.words[address >> 2]!;
    return new Uint8Array(this.core.memory.buffer).slice(first, first + length);
  }

  /** The core's memory as it is now. */
  get words(): Int32Array {
    return wordsIn(this.core);
  }

  /** The core's memory must not have been used for another function since. */
  check(): void {
    if (this.words[bodyLayout.generation >> 2] !== this.generation) throw new InternalError(`the core has lost function ${this.source.index}`);
  }

  /** Address of so many words. */
  take(words: number): number {
    const address = this.core.allocate(4 * words);
    this.must(address !== 0);
    return address;
  }

  must(hasRoom: boolean | number): void {
    if (!hasRoom) throw noRoom(this.source.index);
  }
}
