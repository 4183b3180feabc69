import { InternalError, NoRoomError, printable, UnsupportedError } from '@fireball/contracts';
import { segmentFlags, writeElf32, type ElfWriterSegment, type ElfWriterSymbol } from '@fireball/image';
import { wordCount, type CodeVerifier, type CompilerName, type MisalignedAccess, type TemplateSet } from '@fireball/jit';
import { functionName, type ValidatedModule } from '@fireball/wasm';
import { loadCodeImage, type CodeImage } from '../chip/code-image.js';
import { codeWord } from '../runtime/externs.js';
import type { VsocInstance } from '../runtime/instance/instance.js';
import type { VsocResolver } from '../runtime/instance/index-spaces.js';
import { Vsoc } from '../vsoc.js';
import { layOutBoard, type Board, type LayoutOptions } from './board.js';
import { elfKind, mappingSymbols } from './elf-kind.js';
import { placeDescriptor, stateBytes, type BareCall, type TrapSite } from './descriptor.js';
import { contentsOf, ramRegions } from './ram-image.js';
import { resetCode } from './reset.js';
import { RomData } from './rom-data.js';

/** What a bare system is made for. */
export interface BareSystemOptions extends LayoutOptions {
  readonly board: Board;
  /** Core that the code is for; `cortex-m4` or `rv32imc` unless told otherwise. */
  readonly cpu?: string;
  readonly templates?: TemplateSet;
  /** What code for RV32 does about misaligned accesses of wasm memory; `hw` unless told otherwise. */
  readonly misaligned?: MisalignedAccess;
  /** What compiles functions; `optimizing` unless told otherwise. */
  readonly compiler?: CompilerName;
  /** Sees every function's code before it is installed. */
  readonly verifier?: CodeVerifier;
}

const { read, write, execute } = segmentFlags;

/**
 * Instances that leave for a board: they are linked for its addresses and brought up here, start
 * functions included; the file holds their state as it is then.
 */
export class BareSystem {
  readonly vsoc: Vsoc;
  private readonly members: { readonly module: ValidatedModule; readonly instance: VsocInstance }[] = [];

  constructor(private readonly options: BareSystemOptions) {
    const { board, cpu, templates, verifier, misaligned, compiler } = options;
    const { map, stackBytes } = layOutBoard(board, options);
    this.vsoc = new Vsoc({
      isa: board.isa,
      map,
      stackBytes,
      codeBytes: map.code.size,
      freestanding: true,
      ...(cpu === undefined ? {} : { cpu }),
      ...(templates === undefined ? {} : { templates }),
      ...(misaligned === undefined ? {} : { misaligned }),
      ...(compiler === undefined ? {} : { compiler }),
      ...(verifier === undefined ? {} : { verifier }),
    });
  }

  /**
   * @param resolve finds imports among the system's other instances
   * @throws UnsupportedError where one is not found: there is no host to provide it
   */
  instantiate(module: ValidatedModule, resolve: VsocResolver = () => undefined): VsocInstance {
    const missing = module.module.imports.find((entry) => resolve(entry.module, entry.name) === undefined);
    if (missing !== undefined) throw new UnsupportedError(`imports of a bare system ("${missing.module}" "${missing.name}")`);
    const instance = this.vsoc.instantiate(module, resolve);
    this.members.push({ module, instance });
    return instance;
  }

  /** The ELF file: at reset it makes the calls in order, prints how each ended, and exits. */
  build(calls: readonly BareCall[]): Uint8Array {
    this.checkResults(calls);
    const { vsoc } = this;
    const { isa, rom, map } = vsoc;
    const driver = loadCodeImage('board', isa, Math.ceil((rom.base + rom.code.length) / 16) * 16);
    if (driver.base + driver.code.length > map.rom.base + map.rom.size) throw new InternalError('ROM routines and driver do not fit');
    const state = vsoc.dataMemory.allocate(stateBytes);
    const codeEnd = endOfCode(vsoc);
    const data = new RomData(Math.ceil(codeEnd / 16) * 16);
    const regions = ramRegions(vsoc.dataMemory, vsoc.store);
    const copies = regions.flatMap(contentsOf).map((part) => ({ part, from: data.words(wordsOf(part.bytes)) }));
    const descriptor = placeDescriptor(data, {
      isa,
      state,
      stackTop: vsoc.dataMemory.stackTop,
      hasFpu: vsoc.features.has('fpv4') || vsoc.features.has('f'),
      copies,
      zeros: regions,
      calls,
      references: vsoc.store.references,
      resultBuffer: map.resultBuffer.base,
      trapSites: trapSites(vsoc),
      rom: { begin: rom.base, end: rom.base + rom.code.length },
    });
    this.checkRoom(data.end);
    setWord(driver, 'descriptor', descriptor);
    const start = entryOf(driver, 'start');
    const readOnly = (name: string, flags: number, address: number, bytes: Uint8Array): ElfWriterSegment => ({
      name,
      flags,
      virtualAddress: address,
      physicalAddress: address,
      data: bytes,
    });
    const constants = data.image();
    const firstCopy = copies[0]?.from ?? data.base;
    const afterCopies = copies.reduce((end, { part, from }) => Math.max(end, from + part.bytes.length), firstCopy);
    return writeElf32({
      ...elfKind(isa),
      entry: codeWord(isa, start),
      segments: [
        readOnly('.reset', read | execute, map.rom.base, resetCode(vsoc, start, entryOf(driver, 'fault'))),
        readOnly('.rom', read | execute, rom.base, rom.code),
        readOnly('.driver', read | execute, driver.base, driver.code),
        readOnly('.text', read | execute, map.code.base, vsoc.codeMemory.fetched(map.code.base, codeEnd - map.code.base)),
        readOnly('.rodata', read, afterCopies, constants.subarray(afterCopies - data.base)),
        ...copies.map(({ part, from }) => ({ name: '.data', flags: read | write, virtualAddress: part.base, physicalAddress: from, data: part.bytes })),
      ],
      symbols: this.symbols(driver, afterCopies),
    });
  }

  close(): void {
    this.vsoc.close();
  }

  private checkResults(calls: readonly BareCall[]): void {
    const { size } = this.vsoc.map.resultBuffer;
    for (const { module } of this.members) {
      for (const { results } of module.module.types) {
        const words = wordCount(results);
        if (4 * words > size) throw new NoRoomError(`${words} words of results where there is room for ${size / 4}`);
      }
    }
    for (const { label, function: callee, args } of calls) {
      if (args.length !== callee.type.params.length) throw new InternalError(`${label}: ${args.length} arguments`);
    }
  }

  private checkRoom(end: number): void {
    const { base, size } = this.options.board.rom;
    if (end > base + size) throw new NoRoomError(`${end - base} bytes of code and data in a ROM of ${size} bytes`);
  }

  private symbols(driver: CodeImage, constants: number): ElfWriterSymbol[] {
    const { isa, rom, map } = this.vsoc;
    const bit = isa === 'thumb2' ? 1 : 0;
    const entries = (image: CodeImage): ElfWriterSymbol[] =>
      [...image.entries].map(([name, value]) => ({ name, value: value | bit, size: 0, kind: 'function', local: false }) as const);
    const functions = this.members.flatMap(({ module, instance }) =>
      module.functions.flatMap(({ index }, position): ElfWriterSymbol[] => {
        const code = instance.code[position];
        if (code === undefined) return [];
        return [
          { name: printable(functionName(module.module, index)), value: (code.address | bit) >>> 0, size: code.bytes.length, kind: 'function', local: false },
        ];
      }),
    );
    return [...mappingSymbols(isa, [rom.base, driver.base, map.code.base], [map.rom.base, constants]), ...entries(rom), ...entries(driver), ...functions];
  }
}

/** First address behind all code. */
function endOfCode({ codeMap, boundsRoutines, map }: Vsoc): number {
  const functions = codeMap.functions.map(({ code }) => code.address + code.bytes.length);
  const routines = [...boundsRoutines].map(({ address, size }) => address + size);
  return Math.max(map.code.base, ...functions, ...routines);
}

/** Trap stubs, `unreachable` in place, and the ends of bounds routines, where those trap. */
function trapSites({ isa, codeMap, boundsRoutines }: Vsoc): TrapSite[] {
  const inFunctions = codeMap.functions.flatMap(({ code: { address, trapStubs, sites } }) => {
    const stubs = new Set(trapStubs.map(({ offset }) => offset));
    // An Arm trap has its number in it.
    const inPlace = sites.filter(({ role, offset }) => isa === 'rv32' && role === 'trap' && !stubs.has(offset));
    return [
      ...trapStubs.map(({ offset, kind }) => ({ address: address + offset, kind })),
      ...inPlace.map(({ offset }): TrapSite => ({ address: address + offset, kind: 'unreachable' })),
    ];
  });
  const inRoutines = [...boundsRoutines].map(({ address, size }): TrapSite => ({ address: address + size - 2, kind: 'out of bounds memory access' }));
  return [...inFunctions, ...inRoutines];
}

function entryOf(image: CodeImage, name: string): number {
  const address = image.entries.get(name);
  if (address === undefined) throw new InternalError(`the driver has no ${name}`);
  return address;
}

function setWord(image: CodeImage, name: string, value: number): void {
  const { buffer, byteOffset } = image.code;
  new DataView(buffer, byteOffset).setUint32(entryOf(image, name) - image.base, value, true);
}

function wordsOf(bytes: Uint8Array): number[] {
  return [...new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}
