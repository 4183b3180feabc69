import { InternalError, type Isa } from '@fireball/contracts';
import { hostCallPlan } from '@fireball/jit';
import { InstructionReader, type FunctionType, type Jump, type ValidatedFunction, type ValidatedModule } from '@fireball/wasm';
import type { DataMemory } from '../../chip/data-memory.js';
import { codeWord } from '../externs.js';
import { Layout, type Flash, type FlashRegion } from './flash.js';
import { descriptor, descriptorBytes, endlessCount, instanceRecord, instanceRecordBytes, profile, profileBytes, type TableSet } from './layout.js';
import { shapeRecord, slotSize } from './shape.js';

/** Guest addresses that an instance's functions work with. */
export interface ProgramInputs {
  readonly validated: ValidatedModule;
  readonly functions: readonly { readonly slot: number; readonly type: FunctionType }[];
  readonly globals: readonly number[];
  readonly tables: readonly number[];
  readonly data: readonly number[];
  readonly elements: readonly number[];
  readonly memory: number | undefined;
  typeNumber(type: FunctionType): number;
}

/** What all programs of a virtual SoC share. */
export interface ProgramEnvironment {
  readonly isa: Isa;
  readonly flash: Flash;
  readonly data: DataMemory;
  readonly stackLimit: number;
  readonly resultBuffer: number;
  /** Code of memory.grow. */
  readonly grow: number;
  readonly context: number;
  /** A memory record of size 0, for modules without a memory. */
  readonly noMemory: number;
  /** Common entry of interpreted functions, in ROM. */
  readonly entry: number;
  tableOf(set: TableSet): number;
  /** Where calls and loops are counted: code that is called when a counter is used up. */
  readonly services: { readonly loop: number; readonly call: number } | undefined;
  /** Where loops and calls look whether they shall yield; only together with `services`. */
  readonly safepoint: { readonly flag: number; readonly service: number } | undefined;
}

/** What native code needs to go on with an interpreted activation: the interpreter's part of the protocol (layout.ts, LOOP_SERVICE). */
interface Replacement {
  /** Shape of a function that takes the frame's address and gives the function's results. */
  readonly shape: number;
  /** The function's last side entry. */
  readonly side: number;
  readonly localBytes: number;
}

/** A loop whose arrivals are counted. */
interface CountedLoopPlace {
  /** Position of the function among those with a body. */
  readonly position: number;
  readonly wasmOffset: number;
}

/** What an instance's functions take in flash and RAM, in bytes. */
export interface ProgramBytes {
  /** The wasm code itself. */
  readonly code: number;
  readonly sideTables: number;
  /** Entries and descriptors of functions. */
  readonly descriptors: number;
  /** Shapes of types and lists of addresses. */
  readonly tables: number;
  /** RAM: the instance record, and where functions may become native their profiles and the loops' counters. */
  readonly record: number;
}

/** Side table entries, the descriptor of a branch with operands, and the record at a function's end. */
const entryBytes = 8;
const operandsBytes = 12;

/** Where the entry's jump finds its target, by offset in the descriptor. */
const entryCode = {
  // mov r12, pc; ldr.w pc, [pc, #4]: r12 is then the descriptor + 4.
  thumb2: { halfwords: [0x46fc, 0xf8df, 0xf004], pointer: 8 },
  // auipc t2, 0; lw t1, 12(t2); jr t1: t2 is then the descriptor.
  rv32: { halfwords: [0x0397, 0x0000, 0xa303, 0x00c3, 0x0067, 0x0003], pointer: 12 },
} as const satisfies Record<Isa, object>;

const loopCounterBytes = 4;

/** sp is a multiple of this. */
const stackAlignment = { thumb2: 8, rv32: 16 } as const satisfies Record<Isa, number>;

/** What a call of one interpreted function by another saves above the new frame. */
const linkBytes = 24;

/** Where arrivals at a loop are counted: its entry has the counter's address. */
interface CountedLoop {
  /** Offset of the `loop`. */
  readonly loop: number;
}

interface PlacedFunction {
  readonly entry: ValidatedFunction;
  readonly set: TableSet;
  readonly jumps: readonly (Jump | CountedLoop)[];
  readonly side: number;
  /** Of branches that carry operands over others: by position in the side table. */
  readonly operands: ReadonlyMap<number, number>;
}

/** An instance whose functions are interpreted: wasm bytes, side tables and descriptors in flash, one record in RAM. */
export class Program {
  readonly bytes: ProgramBytes;
  private readonly region: FlashRegion;
  private readonly view: DataView;
  private readonly codeOffset: number;
  private readonly codeStart: number;
  private readonly functions: readonly ValidatedFunction[];
  /** By address of the counter. */
  private readonly loops = new Map<number, CountedLoopPlace>();
  private readonly replacements: Replacement[] = [];
  /** Addresses of the first function's profile and of the first loop's counter; the others follow. */
  private readonly profiles: number;
  private readonly counters: number;

  constructor(
    private readonly environment: ProgramEnvironment,
    private readonly inputs: ProgramInputs,
  ) {
    const { validated } = inputs;
    const { module } = validated;
    this.functions = validated.functions;
    const layout = new Layout();
    layout.place(descriptorBytes * this.functions.length, 8);
    const descriptorsEnd = layout.size;
    const placed = this.functions.map((entry) => this.placeFunction(layout, entry));
    const sideEnd = layout.size;
    const isCounted = environment.services !== undefined;
    const shapes = module.types.map((type) => shapeRecord(type, environment.isa));
    const shapesOfTypes = shapes.length;
    if (isCounted) shapes.push(...module.types.map(({ results }) => shapeRecord({ params: ['i32'], results }, environment.isa)));
    const shapeOffsets = shapes.map((shape) => layout.place(shape.length));
    const lists = new Map<keyof typeof instanceRecord, { readonly offset: number; readonly values: readonly number[] }>();
    this.codeStart = this.functions[0]?.code.start ?? 0;
    const codeEnd = this.functions.at(-1)?.code.end ?? 0;
    const list = (name: keyof typeof instanceRecord, values: readonly number[]): void => {
      lists.set(name, { offset: layout.place(4 * values.length), values });
    };
    list(
      'SLOTS',
      inputs.functions.map(({ slot }) => slot),
    );
    list(
      'TYPES',
      module.types.map((type) => inputs.typeNumber(type)),
    );
    list('TYPE_SHAPES', shapeOffsets.slice(0, shapesOfTypes));
    list(
      'FUNCTION_SHAPES',
      module.functionTypes.map((type) => shapeOffsets[type] ?? 0),
    );
    list('TABLES', inputs.tables);
    list('DATA', inputs.data);
    list('ELEMENTS', inputs.elements);
    const tablesEnd = layout.size;
    this.codeOffset = layout.place(codeEnd - this.codeStart);
    // A look at four bytes behind an immediate's first may go beyond the last function.
    layout.place(4);
    this.region = environment.flash.allocate(layout.size);
    this.view = new DataView(this.region.bytes.buffer, this.region.bytes.byteOffset, this.region.bytes.length);
    this.region.bytes.set(module.bytes.subarray(this.codeStart, codeEnd), this.codeOffset);
    shapes.forEach((shape, index) => this.region.bytes.set(shape, shapeOffsets[index]));
    for (const [name, { offset, values }] of lists) {
      const isOffset = name === 'TYPE_SHAPES' || name === 'FUNCTION_SHAPES';
      values.forEach((value, index) => this.set(offset + 4 * index, isOffset ? this.region.base + value : value));
    }
    const record = this.writeRecord(lists);
    const loops = placed.reduce((sum, { jumps }) => sum + jumps.filter((jump) => 'loop' in jump).length, 0);
    this.counters = loops === 0 ? 0 : environment.data.allocate(loopCounterBytes * loops);
    this.profiles = isCounted ? environment.data.allocate(profileBytes * this.functions.length) : 0;
    placed.forEach((item, index) => {
      this.writeSideTable(item, index);
      if (isCounted) this.prepareReplacement(item, index, shapeOffsets[shapesOfTypes + item.entry.typeIndex] ?? 0);
      this.writeDescriptor(item, descriptorBytes * index, record, shapeOffsets[item.entry.typeIndex] ?? 0);
    });
    this.bytes = {
      code: codeEnd - this.codeStart,
      sideTables: sideEnd - descriptorsEnd,
      descriptors: descriptorsEnd,
      tables: tablesEnd - sideEnd,
      record: instanceRecordBytes + 4 * inputs.globals.length + (isCounted ? profileBytes * this.functions.length + loopCounterBytes * this.loops.size : 0),
    };
  }

  /** What is kept beside the wasm code. */
  get tableBytes(): number {
    const { sideTables, descriptors, tables, record } = this.bytes;
    return sideTables + descriptors + tables + record;
  }

  /** Address of the entry of the function with a body that has this position among them. */
  entryOf(position: number): number {
    return this.region.base + descriptorBytes * position;
  }

  profileOf(position: number): number {
    return this.profiles + profileBytes * position;
  }

  /** The loop that this counter belongs to; undefined where it is not this program's. */
  loopOf(counter: number): CountedLoopPlace | undefined {
    return this.loops.get(counter);
  }

  /** Counters of a function's loops, and the loops' wasm offsets. */
  loopsOf(position: number): (readonly [counter: number, wasmOffset: number])[] {
    return [...this.loops].filter(([, loop]) => loop.position === position).map(([counter, { wasmOffset }]) => [counter, wasmOffset] as const);
  }

  /** Calls and loops count, but nobody asks for native code. */
  countEndlessly(): void {
    const { data } = this.environment;
    for (const counter of this.loops.keys()) data.writeWord(counter, endlessCount);
    this.functions.forEach((_, position) => data.writeWord(this.profileOf(position) + profile.COUNTER, endlessCount));
  }

  replacementOf(position: number): Replacement {
    const found = this.replacements[position];
    if (found === undefined) throw new InternalError(`no replacement of function ${position}: nothing is counted`);
    return found;
  }

  /** The wasm instruction that the address lies in; undefined where it is not this program's code. */
  locate(address: number): { readonly functionIndex: number; readonly wasmOffset: number } | undefined {
    const offset = address - this.region.base - this.codeOffset + this.codeStart;
    const entry = this.functions.find(({ code }) => offset >= code.start && offset < code.end);
    if (entry === undefined) return undefined;
    const reader = new InstructionReader(this.inputs.validated.module.bytes, entry.code.start);
    while (reader.offset <= offset) reader.read();
    return { functionIndex: entry.index, wasmOffset: reader.start };
  }

  /** The function whose code this address lies in, and the offset in the module. */
  functionAt(address: number): { readonly entry: ValidatedFunction; readonly position: number; readonly offset: number } | undefined {
    const offset = address - this.region.base - this.codeOffset + this.codeStart;
    const position = this.functions.findIndex(({ code }) => offset >= code.start && offset < code.end);
    const entry = this.functions[position];
    return entry === undefined ? undefined : { entry, position, offset };
  }

  /** Where the code of the function with this position begins. */
  codeOf(position: number): number {
    return this.addressOf(this.functions[position]?.code.start ?? 0);
  }

  /** Where the module's code section lies. */
  get codeRange(): { readonly begin: number; readonly end: number } {
    const begin = this.region.base + this.codeOffset;
    return { begin, end: begin + this.bytes.code };
  }

  /** A byte of the module's code; undefined where the address is none of it. */
  byteAt(address: number): number | undefined {
    const offset = address - this.region.base - this.codeOffset;
    return offset >= 0 && offset < this.bytes.code ? this.region.bytes[this.codeOffset + offset] : undefined;
  }

  /** Is this the shape with which native code goes on with a frame of the function? */
  replacesBy(position: number, shape: number): boolean {
    return this.replacements[position]?.shape === shape;
  }

  /** Bytes of stack arguments, which the function pops. */
  stackArgumentBytes(position: number): number {
    const type = this.functions[position]?.type;
    return type === undefined ? 0 : hostCallPlan(type, this.environment.isa).stackBytes;
  }

  get module(): ValidatedModule {
    return this.inputs.validated;
  }

  // --- writing ----------------------------------------------------------------------------

  private set(offset: number, value: number): void {
    this.view.setUint32(offset, value >>> 0, true);
  }

  private addressOf(wasmOffset: number): number {
    return this.region.base + this.codeOffset + wasmOffset - this.codeStart;
  }

  private placeFunction(layout: Layout, entry: ValidatedFunction): PlacedFunction {
    const { jumps: table, hasWideValues, hasLongImmediates } = entry.forInterpreter(this.environment.services !== undefined);
    const jumps = Array.from({ length: table.count }, (_, row) => table.row(row));
    const side = layout.place(entryBytes * (jumps.length + 1));
    const operands = new Map<number, number>();
    jumps.forEach((jump, index) => {
      if ('dropped' in jump && jump.dropped > 0) operands.set(index, layout.place(operandsBytes));
    });
    return { entry, set: hasLongImmediates ? 'general' : hasWideValues ? 'wide' : 'narrow', jumps, side, operands };
  }

  private writeSideTable({ entry, jumps, side, operands }: PlacedFunction, position: number): void {
    const { base } = this.region;
    const sideAddress = (target: Jump): number => base + side + entryBytes * target.next;
    jumps.forEach((target, index) => {
      const at = side + entryBytes * index;
      if ('loop' in target) {
        const counter = this.counters + loopCounterBytes * this.loops.size;
        this.loops.set(counter, { position, wasmOffset: target.loop });
        this.set(at, counter);
        return;
      }
      const moved = operands.get(index);
      this.set(at, this.addressOf(target.offset));
      this.set(at + 4, moved === undefined ? sideAddress(target) : (base + moved) | 1);
      if (moved === undefined) return;
      this.set(moved, sideAddress(target));
      this.set(moved + 4, slotSize * target.dropped);
      this.set(moved + 8, slotSize * target.kept);
    });
    const end = side + entryBytes * jumps.length;
    this.set(end, this.frameBytes(entry));
    this.set(end + 4, entry.type.results.length);
  }

  private prepareReplacement({ entry, jumps, side }: PlacedFunction, position: number, shapeOffset: number): void {
    const { base } = this.region;
    this.replacements.push({ shape: base + shapeOffset, side: base + side + entryBytes * jumps.length, localBytes: slotSize * entry.locals.count });
    this.environment.data.writeWord(this.profileOf(position) + profile.SLOT, this.inputs.functions[entry.index]?.slot ?? 0);
  }

  /**
   * Locals, the slot below the first operand (the top of stack's home while there is none), operands. Where native code may go on, it is
   * called with one operand more, and gives its results on top of those that are there.
   */
  frameBytes({ locals, maxOperandHeight, type }: ValidatedFunction): number {
    const unit = stackAlignment[this.environment.isa];
    const forReplacement = this.environment.services === undefined ? 0 : 1 + type.results.length;
    const bytes = linkBytes + slotSize * (locals.count + 1 + maxOperandHeight + forReplacement);
    return Math.ceil(bytes / unit) * unit - linkBytes;
  }

  private writeDescriptor({ entry, set, side }: PlacedFunction, offset: number, record: number, shapeOffset: number): void {
    const { environment } = this;
    const { halfwords, pointer } = entryCode[environment.isa];
    halfwords.forEach((halfword, index) => this.view.setUint16(offset + 2 * index, halfword, true));
    this.set(offset + pointer, codeWord(environment.isa, environment.entry));
    const { locals } = entry;
    this.set(offset + descriptor.CODE, this.addressOf(entry.code.start));
    this.set(offset + descriptor.SIDE, this.region.base + side);
    this.set(offset + descriptor.TABLE, environment.tableOf(set));
    this.set(offset + descriptor.END, this.addressOf(entry.code.end - 1));
    this.set(offset + descriptor.FRAME, this.frameBytes(entry));
    this.set(offset + descriptor.PARAMETERS, slotSize * locals.parameterCount);
    this.set(offset + descriptor.ZERO, slotSize * (locals.count - locals.parameterCount));
    this.set(offset + descriptor.SHAPE, this.region.base + shapeOffset);
    this.set(offset + descriptor.INSTANCE, record);
    this.set(offset + descriptor.PROFILE, this.profiles + profileBytes * (offset / descriptorBytes));
  }

  /** Returns the instance record's address. */
  private writeRecord(lists: ReadonlyMap<keyof typeof instanceRecord, { readonly offset: number }>): number {
    const { environment, inputs, region } = this;
    const { data, isa } = environment;
    const record = data.allocate(instanceRecordBytes + 4 * inputs.globals.length) + instanceRecordBytes;
    const set = (name: keyof typeof instanceRecord, value: number): void => data.writeWord(record + instanceRecord[name], value);
    for (const [name, { offset }] of lists) set(name, region.base + offset);
    set('MEMORY', inputs.memory ?? environment.noMemory);
    set('STACK_LIMIT', environment.stackLimit);
    set('ENTRIES', codeWord(isa, region.base));
    set('ENTRY_BYTES', descriptorBytes * this.functions.length);
    set('RESULT_BUFFER', environment.resultBuffer);
    set('GROW', codeWord(isa, environment.grow));
    set('CONTEXT', environment.context);
    if (environment.services !== undefined) {
      set('LOOP_SERVICE', codeWord(isa, environment.services.loop));
      set('CALL_SERVICE', codeWord(isa, environment.services.call));
    }
    if (environment.safepoint !== undefined) {
      set('YIELD', environment.safepoint.flag);
      set('YIELD_SERVICE', codeWord(isa, environment.safepoint.service));
    }
    inputs.globals.forEach((cell, index) => data.writeWord(record + 4 * index, cell));
    return record;
  }
}
