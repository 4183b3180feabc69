import { InternalError, type Architecture, type CodeView, type DebugFunction, type DebugRoutine, type DebugTarget } from '@fireball/contracts';
import {
  attributes,
  elfMachine,
  encodings,
  Expression,
  LocationLists,
  RangeLists,
  segmentFlags,
  tags,
  writeAddressRanges,
  writeCallFrames,
  writeElf32,
  writeEntries,
  writeLineProgram,
  type DebugEntry,
  type ElfWriterSegment,
  type ElfWriterSymbol,
  type FrameCode,
  type FrameConvention,
  type FrameRow,
  type LineRow,
  type LineSequence,
} from '@fireball/image';
import type { Sources } from '../../sources/sources.js';
import { CodeReader } from '../../unwind/code-reader.js';
import { atEntry, stackStates, type StackState } from '../../unwind/unwind.js';
import { handlerRows } from '../interpreted/handler-frames.js';
import { ShownCode } from '../interpreted/shown-code.js';
import { codePoints, type CodePoint } from './code-points.js';
import { describeInterpreted, type InterpretedProgram } from './interpreted.js';
import { ProgramLines } from './program-lines.js';
import { variablesOf, type VariableWriter } from './variables.js';

/** The listing's name and folder, as they stand in the file. */
export interface SourceName {
  readonly name: string;
  readonly folder: string;
}

type NativeArchitecture = Exclude<Architecture, 'rv64'>;

/** DWARF for the Arm Architecture, 4.1; RISC-V ELF psABI, "DWARF register numbers"; flags as in the processors' ELF supplements: floats travel in general registers. */
const machines = {
  thumb2: {
    machine: elfMachine.arm,
    flags: 0x0500_0200,
    codeBit: 1,
    stackPointer: 13,
    firstFloat: 64,
    scratch: [12],
    callerSaved: [0, 1, 2, 3, 12],
    floats: Array.from({ length: 16 }, (_, n) => 256 + n),
  },
  rv32: {
    machine: elfMachine.riscv,
    flags: 1,
    codeBit: 0,
    stackPointer: 2,
    firstFloat: 32,
    scratch: [6, 7],
    callerSaved: [5, 6, 7, ...Array.from({ length: 8 }, (_, n) => 10 + n), 28, 29, 30, 31],
    floats: Array.from({ length: 32 }, (_, n) => 32 + n),
  },
} as const;

const baseTypes = {
  i32: { bytes: 4, encoding: encodings.signed },
  i64: { bytes: 8, encoding: encodings.signed },
  f32: { bytes: 4, encoding: encodings.float },
  f64: { bytes: 8, encoding: encodings.float },
  byte: { bytes: 1, encoding: encodings.unsignedCharacter },
  reference: { bytes: 4, encoding: encodings.unsigned },
} as const;

/**
 * Describes code for gdb, each part in a file of its own: what is there as long as the program, and, where functions are compiled and evicted while it
 * runs, each of those.
 */
export class ProgramDescriber {
  /** Which lines there are, and the text of the listing. */
  readonly lines: ProgramLines;

  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
    sources: Sources,
    private readonly source: SourceName,
  ) {
    this.lines = new ProgramLines(sources, source.name);
  }

  /** Routines, data, and functions that stay. @throws InternalError for 64-bit code: none is generated */
  program(): Promise<Uint8Array> {
    const { functions, routines, interpreter } = this.view;
    return this.#describe(interpreter === undefined ? functions : [], routines, ShownCode.of(this.view));
  }

  /** One function that is there now. @throws InternalError as `program` */
  function(code: DebugFunction): Promise<Uint8Array> {
    return this.#describe([code], []);
  }

  #describe(functions: readonly DebugFunction[], routines: readonly DebugRoutine[], shown?: ShownCode): Promise<Uint8Array> {
    return describeCode(this.target, this.view, { functions, routines, lines: this.lines, shown }, this.source);
  }
}

interface Wanted {
  readonly functions: readonly DebugFunction[];
  readonly routines: readonly DebugRoutine[];
  readonly lines: ProgramLines;
  /** Present where interpreted functions are described, too. */
  readonly shown: ShownCode | undefined;
}

async function describeCode(
  target: DebugTarget,
  view: CodeView,
  { functions, routines: wanted, lines, shown }: Wanted,
  source: SourceName,
): Promise<Uint8Array> {
  const { architecture } = target;
  if (architecture === 'rv64') throw new InternalError('no code is generated for rv64');
  const pieces = [...functions, ...wanted].map(({ begin, end }) => ({ begin, end }));
  const segments = segmentsOf(target, pieces);
  const frames: FrameCode[] = [];
  const points = new Map<DebugFunction, CodePoint[]>();
  const routines: DebugRoutine[] = [];
  const conventions = conventionsOf(architecture, view.link);
  for (const { virtualAddress, data } of segments) {
    const reader = await CodeReader.open(architecture, virtualAddress, data);
    try {
      const isHere = ({ begin }: { readonly begin: number }): boolean => begin >= reader.begin && begin < reader.end;
      for (const code of functions.filter(isHere)) {
        const states = statesOfFunction(code, view, reader);
        frames.push({ convention: conventions.function, end: code.end, rows: frameRows(code.begin, states) });
        points.set(code, codePoints(code, reader, states, view.keptRegisters));
      }
      const inside = withInnerRoutines(wanted.filter(isHere), reader);
      routines.push(...inside);
      const handlers = shown === undefined ? [] : inside.filter(({ convention }) => convention === 'interpreter');
      for (const routine of inside) if (!handlers.includes(routine)) frames.push(framesOfRoutine(routine, view, reader, conventions));
      if (shown !== undefined && handlers.length > 0) frames.push(framesOfHandlers(handlers, { view, reader, shown, convention: conventions.handlers }));
    } finally {
      reader.close();
    }
  }
  const { stackPointer } = machines[architecture];
  const interpreted =
    shown === undefined
      ? undefined
      : describeInterpreted(view, shown, {
          stackPointer,
          convention: conventions.function,
          lines,
          headOf: (code, writer) => headOfFunction(code, lines, writer),
        });
  return writeFile(architecture, target, { view, functions, segments, lines, points, routines, frames, interpreted }, source);
}

/** One stretch of code: its parts have names. */
function framesOfHandlers(
  handlers: readonly DebugRoutine[],
  {
    view,
    reader,
    shown,
    convention,
  }: { readonly view: CodeView; readonly reader: CodeReader; readonly shown: ShownCode; readonly convention: FrameConvention },
): FrameCode {
  const begin = Math.min(...handlers.map((handler) => handler.begin));
  const end = Math.max(...handlers.map((handler) => handler.end));
  return { convention, end, rows: handlerRows(begin, end, reader, view, shown) };
}

/** One for each region of memory that has code, from its first piece to its last. */
function segmentsOf(target: DebugTarget, pieces: readonly { readonly begin: number; readonly end: number }[]): ElfWriterSegment[] {
  return target.memoryMap().flatMap(({ name, base, size }) => {
    const inside = pieces.filter(({ begin }) => begin >= base && begin < base + size);
    if (inside.length === 0) return [];
    const begin = Math.min(...inside.map((piece) => piece.begin));
    const end = Math.max(...inside.map((piece) => piece.end));
    const data = target.peek(begin, end - begin);
    return data === undefined
      ? []
      : [{ name: `.text.${name}`, flags: segmentFlags.read | segmentFlags.execute, virtualAddress: begin, physicalAddress: begin, data }];
  });
}

interface Conventions {
  readonly function: FrameConvention;
  readonly routine: FrameConvention;
  readonly check: (link: number) => FrameConvention;
  readonly host: FrameConvention;
  readonly handlers: FrameConvention;
}

function conventionsOf(architecture: NativeArchitecture, link: number): Conventions {
  const { stackPointer, callerSaved, floats, scratch } = machines[architecture];
  const usual = { stackPointer, returnAddress: link, undefinedRegisters: [...callerSaved, ...floats] };
  const checks = new Map<number, FrameConvention>();
  return {
    function: usual,
    routine: usual,
    check(register) {
      let known = checks.get(register);
      if (known === undefined) checks.set(register, (known = { stackPointer, returnAddress: register, undefinedRegisters: scratch }));
      return known;
    },
    // Nobody has called it.
    host: { ...usual, undefinedRegisters: [link, ...usual.undefinedRegisters] },
    // The activation that they carry out has registers in common with them.
    handlers: { ...usual, undefinedRegisters: [] },
  };
}

function statesOfFunction(code: DebugFunction, view: CodeView, reader: CodeReader): ReadonlyMap<number, StackState> {
  const { frameBytes, saved, boundaries } = code.locations;
  const between: StackState = { sp: -frameBytes, saved: new Map(saved.map(({ register, offset }) => [register, offset - frameBytes])), known: new Map() };
  const roots = new Map([[code.begin, atEntry], ...boundaries.map(({ codeOffset }) => [code.begin + codeOffset, between] as const)]);
  return stackStates(reader, code.begin, code.end, {
    roots,
    // Functions pop their stack arguments, and nothing else is on the stack while one is called.
    behindCall: ({ flow }) => (flow.kind === 'call' && (flow.target === undefined || view.at(flow.target) !== undefined) ? -frameBytes : undefined),
    otherwise: between,
    kept: keptOf(view),
  });
}

function keptOf({ keptRegisters, link }: CodeView): ReadonlySet<number> {
  return new Set([...keptRegisters, link]);
}

/** Routines call functions of their own, which have no names: they get some. */
function withInnerRoutines(routines: readonly DebugRoutine[], reader: CodeReader): DebugRoutine[] {
  const called = new Set<number>();
  for (const { begin, end } of routines)
    for (const { flow } of reader.all(begin, end)) if (flow.kind === 'call' && flow.target !== undefined) called.add(flow.target);
  return routines.flatMap((routine) => {
    if (routine.convention === 'interpreter') return [routine];
    const cuts = [...called].filter((address) => address > routine.begin && address < routine.end).sort((a, b) => a - b);
    const parts = [routine.begin, ...cuts].map((begin, index) => ({ ...routine, begin, end: cuts[index] ?? routine.end }));
    return parts.map((part, index) => (index === 0 ? part : { ...part, name: `rom_${part.begin.toString(16)}` }));
  });
}

function framesOfRoutine({ begin, end, convention, link }: DebugRoutine, view: CodeView, reader: CodeReader, conventions: Conventions): FrameCode {
  // What the interpreter has on the stack, frames do not say.
  if (convention === 'host' || convention === 'interpreter')
    return { convention: conventions.host, end, rows: [{ address: begin, frameBytes: 0, saved: new Map() }] };
  const kept = new Set([...keptOf(view), link]);
  const states = stackStates(reader, begin, end, { roots: new Map([[begin, atEntry]]), otherwise: undefined, kept });
  return { convention: convention === 'check' ? conventions.check(link) : conventions.routine, end, rows: frameRows(begin, states) };
}

function frameRows(begin: number, states: ReadonlyMap<number, StackState>): FrameRow[] {
  const rows: FrameRow[] = [];
  for (const [address, { sp, saved }] of [...states].sort(([a], [b]) => a - b)) {
    const row = { address: rows.length === 0 ? begin : address, frameBytes: -sp, saved };
    const last = rows.at(-1);
    if (last === undefined || last.frameBytes !== row.frameBytes || !sameEntries(last.saved, row.saved)) rows.push(row);
  }
  return rows.length === 0 ? [{ address: begin, frameBytes: 0, saved: new Map() }] : rows;
}

function sameEntries(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** All that goes into the file. */
interface Described {
  readonly view: CodeView;
  readonly functions: readonly DebugFunction[];
  readonly segments: readonly ElfWriterSegment[];
  readonly lines: ProgramLines;
  readonly points: ReadonlyMap<DebugFunction, readonly CodePoint[]>;
  readonly routines: readonly DebugRoutine[];
  readonly frames: readonly FrameCode[];
  readonly interpreted: InterpretedProgram | undefined;
}

function writeFile(
  architecture: NativeArchitecture,
  target: DebugTarget,
  { view, functions, segments, lines, points, routines, frames, interpreted }: Described,
  { name, folder }: SourceName,
): Uint8Array {
  const { machine, flags, firstFloat, codeBit } = machines[architecture];
  const types = new Map<string, DebugEntry>();
  const typeOf = (wanted: string): DebugEntry => {
    const key = wanted in baseTypes ? (wanted as keyof typeof baseTypes) : 'reference';
    let entry = types.get(wanted);
    if (entry === undefined) {
      const { bytes, encoding } = baseTypes[key];
      types.set(
        wanted,
        (entry = {
          tag: tags.baseType,
          attributes: [
            [attributes.name, { text: wanted }],
            [attributes.byteSize, { number: bytes }],
            [attributes.encoding, { number: encoding }],
          ],
        }),
      );
    }
    return entry;
  };
  const lists = new LocationLists();
  const ranges = new RangeLists();
  const writer: VariableWriter = { lists, ranges, floatNumber: (register) => firstFloat + register, typeOf };
  const entries = [...[...points].map(([code, list]) => functionEntry(code, list, lines, writer)), ...(interpreted?.entries(writer) ?? [])];
  const covered = [...functions.map(({ begin, end }) => ({ begin, end })), ...(interpreted?.ranges ?? [])];
  // Data is there once, where routines are.
  const data = routines.length === 0 ? [] : [...globalEntries(view, typeOf), ...memoryEntries(view, typeOf)];
  const unit: DebugEntry = {
    tag: tags.compileUnit,
    attributes: [
      // No producer: of one that it does not know, gdb for Arm does not believe where prologues end.
      [attributes.language, { number: languageC }],
      [attributes.name, { text: name }],
      [attributes.compilationFolder, { text: folder }],
      [attributes.statementList, { offset: 0 }],
      [attributes.lowPc, { address: 0 }],
      [attributes.ranges, { offset: ranges.add(covered) }],
    ],
    children: [...types.values(), ...data, ...entries],
  };
  const { info, abbreviations } = writeEntries(unit);
  const sequences = [...[...points].map(([code, list]) => linesOf(code, list, lines)), ...(interpreted?.sequences ?? [])];
  return writeElf32({
    machine,
    flags,
    // Where a backtrace ends.
    entry: ((view.routines.find(({ convention }) => convention === 'host')?.begin ?? target.pc) | codeBit) >>> 0,
    segments: interpreted === undefined ? segments : [...segments, interpreted.segment],
    symbols: symbolsOf([...functions, ...routines, ...(interpreted?.symbols ?? [])], codeBit),
    sections: [
      { name: '.debug_info', data: info },
      { name: '.debug_abbrev', data: abbreviations },
      { name: '.debug_line', data: writeLineProgram(lines.files, sequences) },
      { name: '.debug_loc', data: lists.finish() },
      { name: '.debug_ranges', data: ranges.finish() },
      { name: '.debug_aranges', data: writeAddressRanges(covered) },
      { name: '.debug_frame', data: writeCallFrames([...frames, ...(interpreted?.frames ?? [])]) },
    ],
  });
}

const languageC = 2;

/** Its name, where it is in the source, and what it returns. */
function headOfFunction(code: DebugFunction, lines: ProgramLines, writer: VariableWriter): DebugEntry['attributes'] {
  const [result, ...more] = code.resultTypes;
  const { file, line } = lines.ofFunction(code);
  return [
    [attributes.name, { text: symbolName(code.name) }],
    [attributes.external, { flag: true }],
    [attributes.prototyped, { flag: true }],
    [attributes.declarationFile, { number: file }],
    [attributes.declarationLine, { number: line }],
    ...(result === undefined || more.length > 0 ? [] : [[attributes.type, { entry: writer.typeOf(result) }] as const]),
  ];
}

function functionEntry(code: DebugFunction, points: readonly CodePoint[], lines: ProgramLines, writer: VariableWriter): DebugEntry {
  return {
    tag: tags.subprogram,
    attributes: [
      ...headOfFunction(code, lines, writer),
      [attributes.lowPc, { address: code.begin }],
      [attributes.highPc, { number: code.end - code.begin }],
      [attributes.frameBase, { expression: new Expression().operation('callFrameAddress').finish() }],
    ],
    children: variablesOf(code, points, writer),
  };
}

function globalEntries({ globals }: CodeView, typeOf: (name: string) => DebugEntry): DebugEntry[] {
  return globals.map(({ type, address }, index) => dataEntry(`global${index}`, typeOf(type), address));
}

/** Bytes without a bound: it grows. */
function memoryEntries({ memories }: CodeView, typeOf: (name: string) => DebugEntry): DebugEntry[] {
  if (memories.length === 0) return [];
  const bytes: DebugEntry = {
    tag: tags.arrayType,
    attributes: [[attributes.type, { entry: typeOf('byte') }]],
    children: [{ tag: tags.subrangeType, attributes: [] }],
  };
  return [bytes, ...memories.map((base, index) => dataEntry(`memory${index}`, bytes, base))];
}

function dataEntry(name: string, type: DebugEntry, address: number): DebugEntry {
  const expression = new Expression().address(address).finish();
  return {
    tag: tags.variable,
    attributes: [
      [attributes.name, { text: name }],
      [attributes.type, { entry: type }],
      [attributes.external, { flag: true }],
      [attributes.location, { expression }],
    ],
  };
}

function linesOf(code: DebugFunction, points: readonly CodePoint[], lines: ProgramLines): LineSequence {
  const rows: LineRow[] = [{ address: code.begin, ...lines.ofFunction(code), isStatement: true }];
  const first = code.begin + (code.locations.boundaries[0]?.codeOffset ?? 0);
  for (const { begin, wasmOffset, exact } of points) {
    const place = lines.at(wasmOffset);
    const last = rows.at(-1)!;
    // Up to its first boundary, the function sets up its frame.
    if (place === undefined || begin < first) continue;
    const isSame = last.line === place.line && last.file === place.file;
    // Of the listing, each line is an instruction: it may come again.
    if (isSame && (!exact || (place.file !== 1 && last.isStatement))) continue;
    const row = { address: begin, ...place, isStatement: exact };
    if (last.address === begin) rows[rows.length - 1] = row;
    else rows.push(row);
  }
  return { rows, end: code.end };
}

/** As one can type it in gdb: `func[1]` and `i64.div_s` would be expressions. */
function symbolName(name: string): string {
  return name.replace(/[^\w$]+/g, '_').replace(/(?<=.)_+$/, '');
}

function symbolsOf(all: readonly Pick<DebugRoutine, 'name' | 'begin' | 'end'>[], codeBit: number): ElfWriterSymbol[] {
  const mapping = codeBit === 0 ? [] : all.map(({ begin }): ElfWriterSymbol => ({ name: '$t', value: begin, size: 0, kind: 'none', local: true }));
  return [
    ...mapping,
    ...all.map(({ name, begin, end }): ElfWriterSymbol => ({
      name: symbolName(name),
      value: (begin | codeBit) >>> 0,
      size: end - begin,
      kind: 'function',
      local: false,
    })),
  ];
}
