/** Places templates by the core: what its macro assembler has placed there, or an assembly that is written into its memory; and takes out what comes of it. */
import { crc32 } from 'node:zlib';
import { InternalError, NoRoomError, UnsupportedError } from '@fireball/contracts';
import { heapStart } from '../core/layout/blocks.js';
import { keepsOrigins, mostCodeBytes, origins } from '../core/layout/masm.js';
import { generation } from '../core/layout/body.js';
import { placedWords } from '../core/layout/placed.js';
import * as layout from '../core/layout/placing.js';
import type { Assembly } from '../expand/assembly.js';
import type { BranchForms } from '../expand/branch-forms.js';
import type { Features } from '../features.js';
import { newAssembly, placedKinds } from '../target/create.js';
import type { Template, TemplateSet } from '../templates/template.js';
import { areaAt, keptCore, newCore, wordsIn, type Core } from './core.js';
import { keepWords } from './kept-words.js';
import { refusalOf, sharedChecksOf, writeTemplates } from './masm.js';
import type { ModuleWords } from './module-words.js';
import { packOperands, unsignedWords } from '../templates/packing.js';
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

const good: Verdict = { status: layout.fine, index: -1 };

/** Tables by what they are for: the kinds of branches of a set, or a template by itself. */
const tablesOf = new WeakMap<object, TemplateTables>();

/** A core, with the tables of one template set after the other. */
export class Placer {
  private tables: TemplateTables | undefined;
  /** Address of the code. */
  private code = 0;
  /** What the core's macro assembler has placed, as long as the core has nothing else. */
  private placed: { readonly assembly: Assembly; readonly generation: number } | undefined;

  /** Behind the tables. */
  private module: ModuleWords | undefined;
  /** What the core's macro assembler is ready for. */
  private set: TemplateSet | undefined;
  private features: Features | undefined;

  constructor(private readonly core: Core) {}

  /**
   * Makes the core ready for a function of a module that its macro assembler places of a set's templates, for a processor with these features. What it had
   * is forgotten. Returns where it has what is told of the module.
   */
  prepare(set: TemplateSet, features: Features, module: ModuleWords): number {
    this.prepareAlone(set, features);
    return this.writeModule(module);
  }

  /** The same for what is of no module. */
  prepareAlone(set: TemplateSet, features: Features): void {
    const kinds = placedKinds(set);
    this.use(kinds, set.templates, kinds);
    this.view()[keepsOrigins >> 2] = 1;
    if (this.set === set && this.features === features) return;
    writeTemplates(this.core, set, features);
    this.set = set;
    this.features = features;
  }

  /**
   * Lays out what the core's macro assembler has placed since `prepare`, and returns a copy of it.
   * @throws InternalError, UnsupportedError, NoRoomError
   */
  layOutPlaced(set: TemplateSet, functionIndex: number): Assembly {
    const refusal = refusalOf(this.core, functionIndex);
    if (refusal !== undefined) throw refusal;
    const assembly = newAssembly(set);
    const status = this.core.layOutPlaced();
    assembly.origins = areaAt(this.view(), origins);
    this.finishLayout(assembly, status);
    assembly.makeChecks = sharedChecksOf(this.view());
    this.placed = { assembly, generation: this.view()[generation >> 2]! };
    return assembly;
  }

  /** @throws InternalError, UnsupportedError, NoRoomError */
  layOut(assembly: Assembly): void {
    this.begin(assembly);
    this.finishLayout(assembly, this.core.layOut());
  }

  private finishLayout(assembly: Assembly, status: number): void {
    const words = this.view();
    if (status === layout.noRoom) throw noRoom();
    if (status === layout.unbound) throw new InternalError(`label ${words[layout.problem >> 2]} was never bound`);
    if (status === layout.tooFar)
      throw new UnsupportedError('a function whose branches exceed the widest branch form', { offset: assembly.wasmOffsetOf(words[layout.problem >> 2]!) });
    this.moveOrigins(assembly);
    assembly.count = words[layout.recordCount >> 2]!;
    assembly.words = this.taken(layout.records, assembly.count * placedWords, assembly.words);
    assembly.labelCount = words[layout.labelCount >> 2]!;
    assembly.labels = this.taken(layout.labels, assembly.labelCount, assembly.labels);
    const segments = keepWords(words, words[layout.segments >> 2]! >> 2, words[layout.segmentsEnd >> 2]! >> 2);
    assembly.settle(segments, this.taken(layout.labelOffsets, assembly.labelCount, assembly.labelOffsets), words[layout.codeSize >> 2]!);
    if (assembly.size > mostCodeBytes)
      throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: assembly.wasmOffsetOf(0), section: 'code' });
  }

  /** Records that have moved to make room for jumps are still of the same wasm instructions; jumps are of those of the entries in front. */
  private moveOrigins(assembly: Assembly): void {
    const words = this.view();
    const movedTo = words[layout.movedTo >> 2]! >> 2;
    if (movedTo === 0) return;
    const offsets = new Int32Array(words[layout.recordCount >> 2]!).fill(-1);
    for (let index = 0; index < words[layout.movedCount >> 2]!; index++) {
      const place = words[movedTo + index]!;
      if (place >= 0) offsets[place] = assembly.wasmOffsetOf(index);
    }
    const rows = new Int32Array(2 * offsets.length);
    offsets.forEach((offset, index) => {
      rows[2 * index] = 4 * placedWords * index;
      rows[2 * index + 1] = offset < 0 ? rows[2 * index - 1]! : offset;
    });
    assembly.origins = rows;
  }

  /** Records of an assembly have been changed, which the core may have. */
  update(assembly: Assembly): void {
    if (!this.has(assembly)) return;
    const words = this.view();
    words.set(assembly.words.subarray(0, assembly.count * placedWords), words[layout.records >> 2]! >> 2);
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
    words[layout.features >> 2] = this.featureBits(features);
    return this.verdict(this.core.verify());
  }

  /** Of what templates need, what there is. */
  featureBits(features: Features): number {
    let bits = 0;
    this.tables?.features.forEach((word, bit) => {
      if ((features as ReadonlySet<string>).has(word)) bits |= 1 << bit;
    });
    return bits;
  }

  /** Of what `staging` has. */
  crc32(): number {
    // What the core has for it takes four times as long, which is of interest where that is counted.
    return this.core.isCounted === true ? this.core.crc32(this.code, this.code + this.view()[layout.codeSize >> 2]!) >>> 0 : crc32(this.staging);
  }

  /** The instance of one template with values of 32 bits, of which `unsigned` has a bit for those from 2^31 on; undefined where they are illegal. */
  fill(template: Template, values: ArrayLike<number>, unsigned: number): Uint8Array | undefined {
    const words = packOperands(template, values);
    if (words === undefined) return undefined;
    this.use(template, [template], []);
    this.view().set(words, layout.operands >> 2);
    this.setCode(template.size, 0);
    return this.core.fillFirst(unsignedWords(template, unsigned)) ? this.staging : undefined;
  }

  /** Puts an assembly into the core's memory, where it is not there. */
  private begin(assembly: Assembly): void {
    if (this.has(assembly)) return;
    const { set, kinds, words, count, labels, labelCount, labelOffsets, rows } = assembly;
    this.use(kinds, set.templates, kinds);
    this.write(layout.records, words.subarray(0, count * placedWords));
    this.write(layout.labels, labels.subarray(0, labelCount));
    this.write(layout.labelOffsets, labelOffsets.subarray(0, labelCount));
    this.write(layout.segments, rows);
    const starts = this.allocate((assembly.size >> 4) + 4);
    const block = this.view();
    block[layout.starts >> 2] = starts;
    block[layout.segmentsEnd >> 2] = block[layout.segments >> 2]! + 4 * rows.length;
    block[layout.recordCount >> 2] = count;
    block[layout.labelCount >> 2] = labelCount;
  }

  /** Has the core placed the assembly, and nothing since? */
  private has(assembly: Assembly): boolean {
    return this.placed?.assembly === assembly && this.placed.generation === this.view()[generation >> 2];
  }

  /** Nothing but the tables is in the memory then, and what is the same for all functions. */
  private use(key: object, templates: readonly Template[], kinds: readonly BranchForms[]): void {
    let tables = tablesOf.get(key);
    if (tables === undefined) tablesOf.set(key, (tables = makeTables(templates, kinds)));
    if (this.tables === tables) {
      this.core.reset();
      return;
    }
    this.makeRoom(4 * tables.words.length);
    const words = this.view();
    words.set(tables.words, heapStart >> 2);
    this.module = undefined;
    words[layout.templates >> 2] = heapStart;
    words[layout.kinds >> 2] = heapStart + tables.kinds;
    this.tables = tables;
  }

  /** Puts it behind the tables, where it is not there. */
  private writeModule(module: ModuleWords): number {
    const tables = this.tables!.words;
    const address = heapStart + 4 * tables.length;
    if (this.module === module) return address;
    this.makeRoom(4 * (tables.length + module.words.length));
    this.view().set(module.words, address >> 2);
    this.module = module;
    return address;
  }

  /** What lies there already stays. */
  private makeRoom(bytes: number): void {
    if (this.core.makeRoom(bytes)) return;
    this.tables = undefined;
    this.module = undefined;
    throw noRoom();
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
    if (length > into.length) return keepWords(words, at, at + length);
    into.set(words.subarray(at, at + length));
    return into;
  }

  private verdict(status: number): Verdict {
    return status === layout.fine ? good : { status, index: this.view()[layout.problem >> 2]! };
  }

  private allocate(bytes: number): number {
    const at = this.core.allocate(bytes);
    if (at === 0) throw noRoom();
    return at;
  }

  /** The memory's words, which are others once it has grown. */
  private view(): Int32Array {
    return wordsIn(this.core);
  }
}

function noRoom(): NoRoomError {
  return new NoRoomError('a function whose templates need more than 2 GiB to be placed');
}

const placers = new WeakMap<Core, Placer>();

/** Of a core. */
export function placerOf(core: Core): Placer {
  let placer = placers.get(core);
  if (placer === undefined) placers.set(core, (placer = new Placer(core)));
  return placer;
}

/** Of the core as WebAssembly that compiles functions. */
export function takePlacer(): Placer {
  return placerOf(keptCore());
}

let filler: Placer | undefined;

/** One that leaves that core alone. */
export function takeFiller(): Placer {
  return (filler ??= placerOf(newCore()));
}
