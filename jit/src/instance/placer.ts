/** Places templates by the core: writes an assembly into its memory, and takes out what comes of it. */
import { InternalError, NoRoomError, UnsupportedError } from '@fireball/contracts';
import { isLargeCore } from '@fireball/wasm';
import { heapStart } from '../core/layout/blocks.js';
import { placedUnsigned, placedValues, placedWasm, placedWords } from '../core/layout/placed.js';
import * as layout from '../core/layout/placing.js';
import { mostCodeBytes, type Assembly } from '../expand/assembly.js';
import type { BranchForms } from '../expand/branch-forms.js';
import type { Features } from '../features.js';
import type { Template } from '../templates/template.js';
import { newPlacingCore, type PlacingCore } from './core.js';
import { makeTables, type TemplateTables } from './template-tables.js';

/** An address range that generated code may branch to outside its own function. */
export interface EntryRange {
  readonly begin: number;
  readonly end: number;
}

/** What the core says of something: one of `layout`'s, and number of the record that it is about. */
export interface Verdict {
  readonly status: number;
  readonly index: number;
}

/** Tables by what they are for: the kinds of branches of a set, or a template by itself. */
const tablesOf = new WeakMap<object, TemplateTables>();

/** The core, with the tables of one template set after the other. */
export class Placer {
  private tables: TemplateTables | undefined;
  private words: Int32Array = new Int32Array(0);
  /** Address of the code. */
  private code = 0;

  constructor(private readonly core: PlacingCore) {
    core.prepareChecksums();
  }

  /** Should it be let go of, for its memory? */
  get isLarge(): boolean {
    return isLargeCore(this.core);
  }

  /** @throws InternalError, UnsupportedError */
  layOut(assembly: Assembly): void {
    this.begin(assembly);
    const status = this.core.layOut();
    const words = this.view();
    if (status === layout.noRoom) throw noRoom();
    if (status === layout.unbound) throw new InternalError(`label ${words[layout.problem >> 2]} was never bound`);
    if (status === layout.tooFar) {
      const offset = assembly.words[words[layout.problem >> 2]! * placedWords + placedWasm];
      throw new UnsupportedError('a function whose branches exceed the widest branch form', { offset });
    }
    assembly.count = words[layout.recordCount >> 2]!;
    assembly.words = this.taken(layout.records, assembly.count * placedWords, assembly.words);
    assembly.labelCount = words[layout.labelCount >> 2]!;
    assembly.labels = this.taken(layout.labels, assembly.labelCount, assembly.labels);
    assembly.size = words[layout.codeSize >> 2]!;
    if (assembly.size > mostCodeBytes)
      throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: assembly.words[placedWasm], section: 'code' });
  }

  /** Makes the code, which `staging` has then. */
  link(assembly: Assembly): Verdict {
    this.begin(assembly);
    this.setCode(assembly.size, assembly.address ?? 0);
    return this.verdict(this.core.link());
  }

  /** The code in the core's memory, until the next call. */
  get staging(): Uint8Array {
    return new Uint8Array(this.core.memory.buffer, this.code, this.view()[layout.codeSize >> 2]);
  }

  /** Takes code for what was made of an assembly. */
  load(assembly: Assembly, code: Uint8Array): void {
    this.begin(assembly);
    this.setCode(assembly.size, assembly.address ?? 0);
    this.staging.set(code);
  }

  /** Compares what `staging` has with the assembly that it is of. */
  verify(entries: readonly EntryRange[], callees: ReadonlySet<number>, features: Features): Verdict {
    const count = entries.length + callees.size;
    const at = this.allocate(8 * count);
    const words = this.view();
    let next = at >> 2;
    for (const { begin, end } of entries) {
      words[next++] = begin;
      words[next++] = end;
    }
    for (const begin of callees) {
      words[next++] = begin;
      words[next++] = begin + 1;
    }
    words[layout.entries >> 2] = at;
    words[layout.entryCount >> 2] = count;
    words[layout.features >> 2] = (this.tables?.features ?? []).reduce(
      (bits, word, bit) => ((features as ReadonlySet<string>).has(word) ? bits | (1 << bit) : bits),
      0,
    );
    return this.verdict(this.core.verify());
  }

  /** Of what `staging` has. */
  crc32(): number {
    return this.core.crc32(this.code, this.code + this.staging.length) >>> 0;
  }

  /** The instance of one template with values of 32 bits, of which `unsigned` has a bit for those from 2^31 on; undefined where they are illegal. */
  fill(template: Template, values: ArrayLike<number>, unsigned: number): Uint8Array | undefined {
    this.use(template, [template], []);
    const record = new Int32Array(placedValues + values.length);
    record.set(values, placedValues);
    record[placedUnsigned] = unsigned;
    this.write(layout.records, record);
    this.view()[layout.recordCount >> 2] = 1;
    this.setCode(template.size, 0);
    return this.core.link() === layout.fine ? this.staging : undefined;
  }

  /** Puts an assembly into the core's memory. */
  private begin({ set, kinds, words, count, labels, labelCount }: Assembly): void {
    this.use(kinds, set.templates, kinds);
    this.write(layout.records, words.subarray(0, count * placedWords));
    this.write(layout.labels, labels.subarray(0, labelCount));
    const block = this.view();
    block[layout.recordCount >> 2] = count;
    block[layout.labelCount >> 2] = labelCount;
  }

  /** Nothing but the tables is in the memory then. */
  private use(key: object, templates: readonly Template[], kinds: readonly BranchForms[]): void {
    let tables = tablesOf.get(key);
    if (tables === undefined) tablesOf.set(key, (tables = makeTables(templates, kinds, heapStart)));
    if (this.tables === tables) {
      this.core.freeFrom(heapStart + 4 * tables.words.length);
      return;
    }
    this.core.freeFrom(heapStart);
    const at = this.allocate(4 * tables.words.length);
    const words = this.view();
    words.set(tables.words, at >> 2);
    words[layout.templates >> 2] = tables.templates;
    words[layout.kinds >> 2] = tables.kinds;
    this.tables = tables;
  }

  private setCode(size: number, address: number): void {
    // The core changes whole words.
    this.code = this.allocate(size + 4);
    const words = this.view();
    words[layout.code >> 2] = this.code;
    words[layout.codeSize >> 2] = size;
    words[layout.codeAddress >> 2] = address;
  }

  private write(field: number, array: Int32Array): void {
    const at = this.allocate(4 * array.length);
    const words = this.view();
    words.set(array, at >> 2);
    words[field >> 2] = at;
  }

  /** Writes what the core has of an array into it, or into another one where there is more. */
  private taken(field: number, length: number, into: Int32Array): Int32Array {
    const words = this.view();
    const at = words[field >> 2]! >> 2;
    if (length > into.length) return words.slice(at, at + length);
    into.set(words.subarray(at, at + length));
    return into;
  }

  private verdict(status: number): Verdict {
    return { status, index: this.view()[layout.problem >> 2]! };
  }

  private allocate(bytes: number): number {
    const at = this.core.allocate(bytes);
    if (at === 0) throw noRoom();
    return at;
  }

  /** The memory's words, which are others once it has grown. */
  private view(): Int32Array {
    const { buffer } = this.core.memory;
    if (this.words.buffer !== buffer) this.words = new Int32Array(buffer);
    return this.words;
  }
}

function noRoom(): NoRoomError {
  return new NoRoomError('a function whose templates need more than 2 GiB to be placed');
}

let kept: Placer | undefined;

/** The core as WebAssembly. */
export function takePlacer(): Placer {
  if (kept?.isLarge !== false) kept = new Placer(newPlacingCore());
  return kept;
}
