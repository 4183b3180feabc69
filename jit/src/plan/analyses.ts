import { InternalError } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as layout from '../core/layout/analyses.js';
import { generation } from '../core/layout/body.js';
import { noRoom, type Core } from '../instance/core.js';
import type { FunctionSource, LocalWords } from './body.js';
import { ExtendedLocals } from './extended-locals.js';

/** What the core finds out of the body that it has read last, until it is there for another function. */
export class Analyses {
  private readonly generation: number;

  /**
   * Finds which words need their zero, and which locals are extended words.
   * @throws NoRoomError
   */
  constructor(
    readonly core: Core,
    private readonly source: FunctionSource,
    locals: LocalWords,
  ) {
    const firstWords = this.take(source.locals.length + 1);
    const { words } = this;
    this.generation = words[generation >> 2]!;
    words[layout.localCount >> 2] = source.locals.length;
    words[layout.parameterCount >> 2] = source.type.params.length;
    words[layout.wordCount >> 2] = locals.count;
    words[layout.parameterWords >> 2] = locals.parameterWords;
    words[layout.firstWords >> 2] = firstWords;
    let at = firstWords >> 2;
    for (const [first] of locals.words) words[at++] = first!;
    words[at] = locals.count;
    this.must(core.analyseLocals());
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

  private bytesAt(address: number, length: number): Uint8Array {
    const first = this.words[address >> 2]!;
    return new Uint8Array(this.core.memory.buffer).slice(first, first + length);
  }

  /** The core's memory as it is now. */
  get words(): Int32Array {
    return new Int32Array(this.core.memory.buffer);
  }

  /** The core's memory must not have been used for another function since. */
  check(): void {
    if (this.words[generation >> 2] !== this.generation) throw new InternalError(`the core has lost function ${this.source.index}`);
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
