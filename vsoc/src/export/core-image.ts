import { InternalError, NoRoomError, SettingError, UnsupportedError, type Isa } from '@fireball/contracts';
import {
  boundsRoutine,
  coreContents,
  coreDefinitions,
  firmwareModule,
  featuresOf,
  loadTemplates,
  operationNumber,
  type CompilerName,
  type MisalignedAccess,
  type TemplateSet,
} from '@fireball/jit';
import { opcodes, validationContents, type Opcode, type OpName, type ValidatedModule } from '@fireball/wasm';
import { loadCodeImage } from '../chip/code-image.js';
import { defaultCpu } from '../chip/default-cpu.js';
import type { AddressMap } from '../chip/memory-map.js';
import { loadRom, romOffset } from '../chip/rom.js';
import { createVsoc } from '../create-vsoc.js';
import type { Vsoc } from '../vsoc.js';
import type { MemoryRange } from './board.js';
import type { VsocMemory } from '../runtime/linear-memory.js';
import { bodiesModule, checksOf, compilerModule, type CoreBoundsChecks } from './compiler-module.js';
import { packLz4 } from './lz4.js';
import { RomData } from './rom-data.js';

/** What a compiler for firmware is made for. */
export interface CoreImageOptions {
  readonly isa: Isa;
  /** Processor on which it runs, and for which it compiles; `cortex-m4` or `rv32imc` unless told otherwise. */
  readonly cpu?: string;
  readonly templates?: TemplateSet;
  /** What code for RV32 does about misaligned accesses of wasm memory; `hw` unless told otherwise. */
  readonly misaligned?: MisalignedAccess;
  /** Which compiler it is; `optimizing` unless told otherwise. It is compiled by the optimizing one in any case. */
  readonly compiler?: CompilerName;
  /** Of its own code; `all` unless told otherwise. The code that it makes has all of them. */
  readonly boundsChecks?: CoreBoundsChecks;
  /** With the interpreter, and what makes modules ready for it; without unless told otherwise. */
  readonly interpreter?: boolean;
  /** RAM that it has for itself. */
  readonly ram: MemoryRange;
}

/** The compiler as machine code that runs wherever it lies, for RAM at one place. */
export interface CoreImage {
  readonly isa: Isa;
  readonly compiler: CompilerName;
  /** Of its own memory accesses. */
  readonly boundsChecks: CoreBoundsChecks;
  readonly interpreter: boolean;
  readonly bytes: Uint8Array;
  /** Where functions that firmware calls begin, by their names: byte offsets. */
  readonly entries: ReadonlyMap<string, number>;
  /** Where the routines begin that compiled code calls, by the operations that they carry out. */
  readonly routines: ReadonlyMap<OpName, number>;
  /** Bytes of flash. */
  readonly parts: {
    /** Of the compiler itself, and of validation where the interpreter is there. */
    readonly code: number;
    /** Of routines that code calls which it makes, of the interpreter, and of what firmware calls. */
    readonly routines: number;
    /** Of tables, packed: they are unpacked to RAM. */
    readonly tables: number;
  };
  /** Bytes of the exact bounds check of a memory that grows. */
  readonly boundsBytes: number;
  /** Bytes of RAM for the compiler's memory. */
  readonly memoryBytes: number;
}

const unit = 0x1000;
/** What a CPU maps is whole pages: code begins at one, behind the routines. */
const pageBytesOf = { thumb2: 0x400, rv32: 0x1000 } as const satisfies Record<Isa, number>;
/** It begins at a multiple of this. */
export const coreAlignment = 16;
/** Of RAM, in order: instance data with what is kept below the stack, the stack, the result buffer; then linear memory. Slots of functions, which nothing in the image needs, do not fit into the first. */
const lowDataBytes = 0x400;
const reserveBytes = 0xc00;
const stackBytes = 0x2000;
const resultBytes = unit;
const fixedBytes = lowDataBytes + reserveBytes + stackBytes + resultBytes;
const pageBytes = 0x1_0000;
/** Less than that is no room for its tables, and for a function. */
const leastPages = 1;
/** Where it is linked; it may lie anywhere. */
const linkedAt = 0x0010_0000;
const mostCodeBytes = 0xc_0000;
/** Slots and the like, which nothing in the image needs. */
const unusedBytes = 0x10_0000;
const stateBytes = 12;

/** Smallest RAM. */
const leastCoreRam = fixedBytes + leastPages * pageBytes;
/** Bytes of RAM for stack and fields, and at least in all. */
export const coreImageRam = { fixed: fixedBytes, least: leastCoreRam } as const;

/**
 * Compiles the compiler.
 * @throws SettingError where RAM is too small, not aligned, or where code would lie
 */
export function buildCoreImage({
  isa,
  cpu = defaultCpu[isa],
  templates = loadTemplates(isa),
  misaligned = 'hw',
  compiler = 'optimizing',
  boundsChecks = 'all',
  interpreter = false,
  ram,
}: CoreImageOptions): CoreImage {
  checkRam(ram);
  const pages = Math.floor((ram.size - fixedBytes) / pageBytes);
  const features = featuresOf(isa, cpu);
  const glue = loadCodeImage(interpreter ? 'core/interp' : 'core', isa, 0);
  const romBytes = align(
    romOffset + align(loadRom(isa, 0, interpreter ? 'rom/interp' : 'rom').code.length, coreAlignment) + glue.code.length,
    pageBytesOf[isa],
  );
  const map = mapOf(ram, romBytes, pages);
  const vsoc = createVsoc({
    isa,
    cpu,
    templates,
    misaligned,
    boundsChecks: checksOf(boundsChecks),
    map,
    stackBytes,
    codeBytes: map.code.size,
    freestanding: true,
    maxPages: pages,
    carriesInterpreter: interpreter,
  });
  try {
    const module = compilerModule(firmwareModule(isa, compiler), pages);
    const instance = vsoc.instantiate(module);
    const [memory] = instance.memories;
    if (memory === undefined) throw new InternalError('the core has no memory');
    if (memory.record < map.lowData.base || memory.record >= map.stackReserve.base)
      throw new InternalError('the record of the memory is not in RAM of its own');
    const bodies = interpreter ? placeBodies(vsoc, memory) : undefined;
    const state = vsoc.dataMemory.allocate(stateBytes);
    if (state >= map.stackReserve.base) throw new InternalError('there is no place for the state');
    const contents = coreContents(templates, features, misaligned, compiler);
    if (contents.length > memory.byteLength) throw new NoRoomError(`tables of ${contents.length} bytes in a memory of ${memory.byteLength}`);
    const { rom } = vsoc;
    const glueAt = align(rom.base + rom.code.length, coreAlignment);
    const codeEnd = endOfCode(vsoc);
    const data = new RomData(align(codeEnd, coreAlignment));
    const routines = routinesOf(vsoc);
    // Code: at the aligned beginning.
    const bounds = boundsOf(templates);
    const boundsAt = data.bytes(bounds.bytes);
    const contentsAt = data.bytes(packLz4(contents));
    const bodiesContentsAt = data.bytes(bodies === undefined ? [] : packLz4(bodies.contents));
    data.align();
    const routinesAt = data.end + 4 * (descriptorWords + (bodies === undefined ? 0 : interpreterWords));
    const descriptor = data.end;
    const here = (address: number): number => address - descriptor;
    const end = routinesAt + 8 * routines.length;
    const entry = (name: string): number => here(entryOf(module, instance.code, name));
    data.words([
      here(rom.base),
      here(end),
      state,
      vsoc.dataMemory.stackTop,
      memory.base,
      here(contentsAt),
      contents.length,
      memory.record,
      memory.byteLength,
      here(routinesAt),
      routines.length,
      here(rom.base),
      here(glueAt),
      here(boundsAt),
      bounds.bytes.length,
      ...bounds.halves,
      ...coreFunctions.map(entry),
      ...layout,
      ...(bodies === undefined ? [] : [...bodies.functions, bodiesContentsAt].map(here)),
      ...(bodies === undefined
        ? []
        : [bodies.contents.length, ...interpreterEntries(vsoc, misaligned).map((address) => (address === undefined ? 0 : here(address)))]),
      ...routines.flatMap(({ opcode, address }) => [operationNumber(opcode), here(address)]),
    ]);
    if (data.end !== end) throw new InternalError('the descriptor has another size');
    const bytes = new Uint8Array(end - rom.base);
    bytes.set(rom.code);
    bytes.set(glue.code, glueAt - rom.base);
    bytes.set(vsoc.codeMemory.fetched(map.code.base, codeEnd - map.code.base), map.code.base - rom.base);
    bytes.set(data.image(), data.base - rom.base);
    const offset = (name: string): number => glueAt - rom.base + glue.entries.get(name)!;
    const view = new DataView(bytes.buffer);
    view.setInt32(offset('core_descriptor'), descriptor - rom.base - offset('core_descriptor'), true);
    view.setUint32(offset('core_state'), state, true);
    return {
      isa,
      compiler,
      boundsChecks,
      interpreter,
      bytes,
      entries: new Map([...glue.entries].filter(([name]) => name.startsWith('fireball_')).map(([name]) => [name, offset(name)])),
      routines: new Map(routines.map(({ opcode, address }) => [opcode.name, address - rom.base])),
      parts: { code: codeEnd - map.code.base, routines: map.code.base - rom.base, tables: end - codeEnd },
      boundsBytes: bounds.bytes.length,
      memoryBytes: memory.byteLength,
    };
  } finally {
    vsoc.close();
  }
}

/** Functions of the compiler, in the order of `struct core` (vsoc/guest/core/core.h); and how many words are in front of the routines. */
const coreFunctions = ['makeRoom', 'reset', 'allocate', 'readFunction', 'compileFunction', 'placeFunction', 'crc32', 'labelOffset'] as const;
const layout = Object.values(coreDefinitions);
/** Behind them, where the interpreter is there. */
const interpreterWords = 9;
const descriptorWords = 17 + coreFunctions.length + layout.length;

function checkRam({ base, size }: MemoryRange): void {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  if (base % unit !== 0) throw new SettingError('ram', `${hex(base)} is no multiple of ${unit}: the compiler's RAM begins at one`);
  if (size < leastCoreRam) throw new SettingError('ram', `${size} bytes are too little: the compiler needs ${leastCoreRam}, ${hex(leastCoreRam)}`);
  if (base + size > 0x8000_0000 + 0x7000_0000) throw new SettingError('ram', `${hex(base)} with ${size} bytes ends too high: 0xf0000000 is the last address`);
}

function mapOf({ base }: MemoryRange, romBytes: number, pages: number): AddressMap {
  // First: code has the address of byte 0 as a constant, and round ones are cheaper.
  const linearMemory = { base, size: pages * pageBytes };
  const lowData = base + linearMemory.size;
  const stack = lowData + lowDataBytes + reserveBytes;
  const resultBuffer = stack + stackBytes;
  // Anywhere but in its RAM.
  const from = base < 0x4000_0000 ? 0x4000_0000 : 0;
  return {
    rom: { base: from + linkedAt, size: romBytes },
    code: { base: from + linkedAt + romBytes, size: mostCodeBytes },
    lowData: { base: lowData, size: lowDataBytes },
    stackReserve: { base: lowData + lowDataBytes, size: reserveBytes },
    stack: { base: stack },
    resultBuffer: { base: resultBuffer, size: resultBytes },
    highData: { base: from + linkedAt + romBytes + mostCodeBytes, size: unusedBytes },
    linearMemory,
    memoryPlaces: [{ upTo: Infinity, alignment: unit, growth: linearMemory.size }],
  };
}

/** Puts the core of validation behind the compiler, in the same memory. It has checks in any case: it reads what nobody has judged yet. */
function placeBodies(vsoc: Vsoc, memory: VsocMemory): { readonly functions: readonly number[]; readonly contents: Uint8Array } {
  const module = bodiesModule(memory.type);
  const { code } = vsoc.instantiate(module, () => memory, checksOf('all'));
  return { functions: ['reset', 'allocate', 'validateBodies'].map((name) => entryOf(module, code, name)), contents: validationContents() };
}

/** Of `struct core`: the dispatch tables, what takes their places where misaligned accesses trap, where descriptors lead to, memory.grow. */
function interpreterEntries({ rom }: Vsoc, misaligned: MisalignedAccess): (number | undefined)[] {
  const address = (name: string): number => {
    const found = rom.entries.get(name);
    if (found === undefined) throw new InternalError(`ROM has no ${name}`);
    return found;
  };
  return [address('interp.tables'), misaligned === 'split' ? address('interp.split') : undefined, address('interp.counted_entry'), address('memory.grow')];
}

function entryOf({ module }: ValidatedModule, code: readonly { readonly address: number }[], name: string): number {
  const found = module.exports.find((entry) => entry.kind === 'function' && entry.name === name);
  const address = found === undefined ? undefined : code[found.index - module.imported.function]?.address;
  if (address === undefined) throw new InternalError(`the core has no function ${name}`);
  return address;
}

/** The exact bounds check of a memory with its record at address 0, and the offsets of the instructions that take the halves of that address, the lower one first. */
function boundsOf(templates: TemplateSet): { readonly bytes: Uint8Array; readonly halves: readonly number[] } {
  const bytes = boundsRoutine(templates, 0).linkAt(linkedAt);
  const { fields, size } = templates.require('bounds_check');
  const isUpper = ({ point: { shift, derive } }: (typeof fields)[number]): boolean => shift === 16 || derive === 'hi20';
  const [first, second, ...others] = fields.toSorted((a, b) => Number(isUpper(a)) - Number(isUpper(b)));
  if (first === undefined || second === undefined || others.length > 0)
    throw new UnsupportedError('a template bounds_check that does not take its operand in two halves');
  return { bytes, halves: [first, second].map(({ offset }) => bytes.length - size + offset) };
}

/** Operations, and where the routines lie that carry them out. */
function routinesOf({ rom }: Vsoc): { readonly opcode: Opcode; readonly address: number }[] {
  return opcodes.flatMap((opcode) => {
    const address = rom.entries.get(opcode.name);
    return address === undefined ? [] : [{ opcode, address }];
  });
}

function endOfCode({ codeMap, map }: Vsoc): number {
  return codeMap.functions.reduce((end, { code }) => Math.max(end, code.address + code.bytes.length), map.code.base);
}

function align(address: number, multiple: number): number {
  return Math.ceil(address / multiple) * multiple;
}
