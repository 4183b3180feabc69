import { InternalError, NoRoomError } from '@fireball/contracts';
import * as layout from '../core/layout/addresses.js';
import { isFull, usedField } from '../core/layout/common.js';
import { deadColumns } from '../core/layout/rows.js';
import { firstTypeSignature, unknownType } from '../core/layout/types.js';
import type { WasmModule } from '../module.js';
import type { Core } from './core.js';
import { maxOperands } from './expression.js';
import { typeCodes, type BlockSignatures } from './signatures.js';
import { JumpTable, type TableRows } from './tables.js';

const wordsOfBody = layout.bodyStride / 4;
/** An instruction that begins in the last byte reads less than that behind it. */
const readBehind = 32;

/** Side tables of some bodies in a row. */
interface Chunk {
  /** The first body. */
  readonly first: number;
  readonly controls: Int32Array;
  readonly branches: Int32Array;
  readonly dead: Int32Array;
}

/** Side tables of the bodies of a module. Who only validates or compiles has no use for them, and taking them out of the core's memory is a fifth of a validation: they are found again when somebody asks. */
class SideTables {
  private chunks: readonly Chunk[] | undefined;

  constructor(private readonly findAgain: () => readonly Chunk[]) {}

  of(body: number): Chunk {
    this.chunks ??= this.findAgain();
    const chunk = this.chunks.findLast(({ first }) => first <= body);
    if (chunk === undefined) throw new InternalError(`no side tables of body ${body}`);
    return chunk;
  }
}

/** What a walk that takes down jumps found out of all bodies. */
interface ModuleJumps {
  readonly bodies: Int32Array;
  readonly chunks: readonly { readonly first: number; readonly jumps: Int32Array }[];
}

/** Finds jumps when somebody asks: with rows for loops, or without. */
class Jumps {
  private readonly found: (ModuleJumps | undefined)[] = [];

  constructor(private readonly find: (countsLoops: boolean) => ModuleJumps) {}

  of(body: number, countsLoops: boolean): InterpreterFacts {
    const { bodies, chunks } = (this.found[Number(countsLoops)] ??= this.find(countsLoops));
    const chunk = chunks.findLast(({ first }) => first <= body);
    if (chunk === undefined) throw new InternalError(`no jumps of body ${body}`);
    const field = (offset: number): number => bodies[body * wordsOfBody + offset / 4]!;
    const flags = field(layout.flagsField);
    return {
      jumps: new JumpTable({ rows: chunk.jumps, begin: field(layout.jumpsField), count: field(layout.jumpsField + 4) }),
      hasWideValues: (flags & layout.hasWideValues) !== 0,
      hasLongImmediates: (flags & layout.hasLongImmediates) !== 0,
    };
  }
}

/** What an interpreter in place needs to know of a body. */
export interface InterpreterFacts {
  readonly jumps: JumpTable;
  /** False where no value that code can reach has 64 bits. */
  readonly hasWideValues: boolean;
  /** False where all numbers of locals, labels and block types, and all alignments, have one byte. */
  readonly hasLongImmediates: boolean;
}

/** What the walk found out of a body. */
export class BodyFacts {
  constructor(
    /** Rows of all bodies. */
    private readonly bodies: Int32Array,
    private readonly body: number,
    private readonly tables: SideTables,
    private readonly jumps: Jumps,
  ) {}

  private field(offset: number): number {
    return this.bodies[this.body * wordsOfBody + offset / 4]!;
  }

  forInterpreter(countsLoops: boolean): InterpreterFacts {
    return this.jumps.of(this.body, countsLoops);
  }

  private rows(table: Exclude<keyof Chunk, 'first'>, field: number): TableRows {
    return { rows: this.tables.of(this.body)[table], begin: this.field(field), count: this.field(field + 4) };
  }

  get controls(): TableRows {
    return this.rows('controls', layout.controlsField);
  }

  get branches(): TableRows {
    return this.rows('branches', layout.branchesField);
  }

  /** Pairs of offsets, one after the other. */
  get deadRanges(): Int32Array {
    const { rows, begin, count } = this.rows('dead', layout.deadField);
    return rows.subarray(begin, begin + count * deadColumns);
  }

  get maxOperandHeight(): number {
    return this.field(layout.heightField);
  }

  get isLeaf(): boolean {
    return (this.field(layout.flagsField) & layout.hasCalls) === 0;
  }

  get usesMemory(): boolean {
    return (this.field(layout.flagsField) & layout.usesMemory) !== 0;
  }

  get hasMemoryGrow(): boolean {
    return (this.field(layout.flagsField) & layout.hasMemoryGrow) !== 0;
  }
}

/** Writes a module into the core's memory. */
class ModuleWriter {
  constructor(private readonly core: Core) {}

  /** Address of so many bytes. */
  room(bytes: number): number {
    const address = this.core.allocate(bytes);
    if (address === 0) throw noRoom();
    return address;
  }

  bytes(bytes: ArrayLike<number>, behind = 0): number {
    const address = this.room(bytes.length + behind);
    new Uint8Array(this.core.memory.buffer).set(bytes, address);
    return address;
  }

  words(words: ArrayLike<number>): number {
    const address = this.room(words.length * 4);
    new Int32Array(this.core.memory.buffer).set(words, address / 4);
    return address;
  }

  /** Lists of types, each an address and a length. */
  lists(lists: readonly Uint8Array[]): number {
    const start = this.room(lists.reduce((sum, { length }) => sum + length, 0));
    const memory = new Uint8Array(this.core.memory.buffer);
    const words = new Int32Array(2 * lists.length);
    let address = start;
    lists.forEach((list, index) => {
      memory.set(list, address);
      words[2 * index] = address;
      words[2 * index + 1] = list.length;
      address += list.length;
    });
    return this.words(words);
  }
}

/** Has something done by a core that nothing else uses meanwhile, and that takes down jumps if it is asked to. */
export type WithCore = <T>(use: (core: Core) => T, takesJumps?: boolean) => T;

/**
 * Validates the bodies of a module one after the other. `explain` throws what is wrong with one that breaks a rule.
 * @param declared the functions that `ref.func` may name
 * @throws NoRoomError
 */
export function validateBodies(
  withCore: WithCore,
  module: WasmModule,
  signatures: BlockSignatures,
  declared: ReadonlySet<number>,
  explain: (body: number) => never,
): BodyFacts[] {
  const count = module.bodies.length;
  const walk = (core: Core, met: (first: number) => void, wantedJumps: number = layout.noJumps): Int32Array => {
    const bodies = writeModule(core, module, signatures, declared);
    new Int32Array(core.memory.buffer)[layout.wantedJumps / 4] = wantedJumps;
    for (let first = 0; first < count;) {
      const reached = core.validateBodies(first, count);
      const words = new Int32Array(core.memory.buffer);
      if (words[isFull / 4] !== 0) throw noRoom();
      if (words[layout.isRefused / 4] !== 0) explain(reached);
      met(first);
      first = reached;
    }
    return new Int32Array(core.memory.buffer).slice(bodies / 4, bodies / 4 + count * wordsOfBody);
  };
  const tables = new SideTables(() =>
    withCore((core) => {
      const chunks: Chunk[] = [];
      walk(core, (first) => {
        const words = new Int32Array(core.memory.buffer);
        chunks.push({ first, controls: takeRows(words, layout.controls), branches: takeRows(words, layout.branches), dead: takeRows(words, layout.dead) });
      });
      return chunks;
    }),
  );
  const jumps = new Jumps((countsLoops) =>
    withCore((core) => {
      const chunks: ModuleJumps['chunks'][number][] = [];
      const met = (first: number): void => {
        chunks.push({ first, jumps: takeRows(new Int32Array(core.memory.buffer), layout.jumps) });
      };
      return { bodies: walk(core, met, countsLoops ? layout.allJumpsAndLoops : layout.allJumps), chunks };
    }, true),
  );
  const bodies = withCore((core) => walk(core, () => undefined));
  return module.bodies.map((_, body) => new BodyFacts(bodies, body, tables, jumps));
}

function noRoom(): NoRoomError {
  return new NoRoomError('a module whose validation needs more than 2 GiB');
}

function takeRows(words: Int32Array, area: number): Int32Array {
  return words.slice(words[area / 4]! / 4, words[(area + usedField) / 4]! / 4);
}

/**
 * Writes what the core wants to know of a module into its memory. Returns the address of the bodies.
 * @throws NoRoomError
 */
export function writeModule(core: Core, module: WasmModule, signatures: BlockSignatures, declared: ReadonlySet<number>): number {
  core.reset();
  const { types, functionTypes, globals, tables, elements, memories, imported } = module;
  const writer = new ModuleWriter(core);
  const named = new Uint8Array(functionTypes.length);
  for (const index of declared) named[index] = 1;
  const pairs = Int32Array.from({ length: 2 * signatures.all.length }, (_, index) => (index % 2 === 0 ? signatures.params : signatures.results)[index >> 1]!);
  const rows = new Int32Array(module.bodies.length * wordsOfBody);
  module.bodies.forEach(({ declarations, code }, index) => {
    const begin = index * wordsOfBody;
    rows[begin + layout.declarationsField / 4] = declarations;
    rows[begin + layout.startField / 4] = code.start;
    rows[begin + layout.endField / 4] = code.end;
    rows[begin + layout.typeField / 4] = functionTypes[imported.function + index]!;
  });
  // Nothing else of the module is read.
  const codeStart = module.bodies[0]?.declarations ?? 0;
  const code = module.bytes.subarray(codeStart, module.bodies.at(-1)?.code.end ?? 0);
  const bodies = writer.words(rows);
  const stack = writer.room(maxOperands + readBehind);
  const words: readonly (readonly [address: number, value: number])[] = [
    [layout.moduleBytes, writer.bytes(code, readBehind) - codeStart],
    [layout.typeCount, types.length],
    [layout.functionCount, functionTypes.length],
    [layout.functionSignatures, writer.words(functionTypes.map((type) => firstTypeSignature + type))],
    [layout.declaredFunctions, writer.bytes(named)],
    [layout.globalCount, globals.length],
    [layout.globalTypes, writer.bytes(globals.map(({ type }) => typeCodes[type]))],
    [layout.mutableTypes, writer.bytes(globals.map(({ type, mutable }) => (mutable ? typeCodes[type] : unknownType)))],
    [layout.tableCount, tables.length],
    [layout.tableTypes, writer.bytes(tables.map(({ element }) => typeCodes[element]))],
    [layout.elementCount, elements.length],
    [layout.elementTypes, writer.bytes(elements.map(({ type }) => typeCodes[type]))],
    [layout.dataCount, module.dataCount === undefined ? 0 : module.data.length],
    [layout.withoutMemory, memories.length > 0 ? 0 : -1],
    [layout.signatures, writer.words(pairs)],
    [layout.lists, writer.lists(signatures.lists)],
    [layout.bodies, bodies],
    [layout.stack, stack],
    [layout.stackEnd, stack + maxOperands],
  ];
  const memory = new Int32Array(core.memory.buffer);
  for (const [address, value] of words) memory[address / 4] = value;
  return bodies;
}
