import type { Isa } from '@fireball/contracts';
import { InstructionReader, type ContextualOpName, type FunctionType, type OpName } from '@fireball/wasm';
import type { LinkedCode } from '../../compile.js';
import type { FunctionSource } from '../../plan/body.js';
import type { LinkEnvironment } from '../../environment.js';
import { abiOf, contractOf, isRecordRoutine, recordRoutines, resultBufferBytes, wordsIn, type Contract, type Reg, type RoutineWords } from './abi.js';

/** Addresses [begin, end). */
interface DataRange {
  readonly begin: number;
  readonly end: number;
}

/** Data that code may reach, found by address. */
export class DataRanges {
  /** By ascending beginning, none within an earlier one: ends ascend too. */
  private readonly ranges: DataRange[] = [];

  constructor(ranges: readonly DataRange[]) {
    for (const range of [...ranges].sort((a, b) => a.begin - b.begin || b.end - a.end)) {
      if (range.end > (this.ranges.at(-1)?.end ?? 0)) this.ranges.push(range);
    }
  }

  /** Does [begin, end) lie within one range? */
  hold(begin: number, end: number): boolean {
    let [low, high] = [0, this.ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle] as DataRange).begin <= begin) low = middle + 1;
      else high = middle;
    }
    const last = this.ranges[low - 1];
    return last !== undefined && end <= last.end;
  }
}

/** Where a table lies. */
export interface TableFact {
  /** Address of the record; its first word is the element count. */
  readonly record: number;
  readonly elements: number;
  /** Elements that there are at least. */
  readonly count: number;
}

/** Linear memory as the code may see it. */
export interface MemoryFact {
  readonly base: number;
  readonly minBytes: number;
  /** Indices need no proof. */
  readonly isTrusted: boolean;
  /** Entries of the exact bounds check, and the register each is for. */
  readonly boundsEntries: ReadonlyMap<number, Reg>;
}

/**
 * All that the deep verifier is told about a function. It comes from the wasm body and the link
 * environment, with what ABI.md says of them (abi.ts), never from the selector: the code may touch what its wasm names, and nothing else.
 */
export interface CodeFacts {
  readonly isa: Isa;
  readonly cpu: string;
  readonly address: number;
  /** Branch tables in the code, offset of the end by that of the beginning: data, not instructions. */
  readonly tablesInCode: ReadonlyMap<number, number>;
  readonly own: Contract;
  /** Offsets at which an interpreter may enter, and bytes of the frame that it hands over. */
  readonly osrEntries: readonly number[];
  readonly osrFrameBytes: number;
  readonly memory: MemoryFact | undefined;
  readonly readable: DataRanges;
  readonly writable: DataRanges;
  /** All different. */
  readonly tables: readonly TableFact[];
  /** Callees by the address of their slot. */
  readonly slots: ReadonlyMap<number, Contract>;
  /** Callees that are called directly, by where their code begins. */
  readonly functions: ReadonlyMap<number, Contract>;
  /** Callees by type number, for indirect calls. */
  readonly types: ReadonlyMap<number, Contract>;
  /** Runtime routines by address. */
  readonly routines: ReadonlyMap<number, Contract>;
  readonly stackLimit: number;
  /** Entry of the yield service, if the code has safepoints. */
  readonly yieldService: number | undefined;
}

/** Whom a call or jump to this offset from the code's beginning is for: the function itself, a routine, or another function; undefined where it is for none of them. */
export function contractAt({ address, own, routines, functions }: CodeFacts, target: number): Contract | undefined {
  return target === 0 ? own : (routines.get(address + target) ?? functions.get(address + target));
}

/** What the deep verifier's facts are taken from. */
export interface FactInputs {
  readonly isa: Isa;
  readonly cpu: string;
  readonly source: FunctionSource;
  readonly environment: LinkEnvironment;
  readonly code: LinkedCode;
}

/** Collects them anew, from the wasm function and the layout of its surroundings; nothing of the selection is believed. */
export function factsOf(inputs: FactInputs): CodeFacts {
  return new FactCollector(inputs).collect();
}

class FactCollector {
  private readonly readable: DataRange[] = [];
  private readonly writable: DataRange[] = [];
  /** By the address of the record. */
  private readonly tables = new Map<number, TableFact>();
  private readonly slots = new Map<number, Contract>();
  private readonly functions = new Map<number, Contract>();
  private readonly types = new Map<number, Contract>();
  private readonly routines = new Map<number, Contract>();

  constructor(private readonly inputs: FactInputs) {}

  collect(): CodeFacts {
    const { isa, cpu, source, environment, code } = this.inputs;
    this.results(source.type);
    const reader = new InstructionReader(source.bytes, source.start);
    while (reader.offset < source.end) {
      reader.read();
      this.instruction(reader);
    }
    if (environment.safepoint !== undefined) this.word(this.readable, environment.safepoint.flag);
    return {
      isa,
      cpu,
      address: code.address,
      tablesInCode: tablesOf(code),
      own: this.contract(source.type),
      osrEntries: code.osrEntries.map(({ offset }) => offset),
      osrFrameBytes: 8 * source.frameSlots,
      memory: memoryFact(isa, environment),
      readable: new DataRanges([...this.readable, ...this.writable]),
      writable: new DataRanges(this.writable),
      tables: [...this.tables.values()],
      slots: this.slots,
      functions: this.functions,
      types: this.types,
      routines: this.routines,
      stackLimit: environment.stackLimit,
      yieldService: environment.safepoint?.service,
    };
  }

  private instruction({ op, a, b }: InstructionReader): void {
    const { name, signature } = op;
    if (signature === undefined) this.contextual(name, a, b);
    else this.fixed(name, signature, a);
  }

  private contextual(op: ContextualOpName, a: number, b: number): void {
    const { source, environment } = this.inputs;
    switch (op) {
      case 'global.get':
      case 'global.set': {
        const begin = environment.globalAddress(a) >>> 0;
        const list = op === 'global.set' ? this.writable : this.readable;
        list.push({ begin, end: begin + 4 * wordsIn([source.globalType(a)]) });
        return;
      }
      case 'call':
      case 'return_call': {
        const type = source.functionType(a);
        this.results(type);
        if (environment.directCalls?.reaches(source.index, a) === true) {
          this.functions.set(environment.directCalls.entryOf(a), this.contract(type));
          return;
        }
        const slot = environment.slotAddress(a) >>> 0;
        this.slots.set(slot, this.contract(type));
        this.readable.push({ begin: slot, end: slot + 4 });
        return;
      }
      case 'call_indirect':
      case 'return_call_indirect': {
        const type = source.types[a] ?? { params: [], results: [] };
        const { record, elements, count = 0 } = environment.table(b);
        this.types.set(environment.typeNumber(a), this.contract(type));
        this.tables.set(record >>> 0, { record: record >>> 0, elements: elements >>> 0, count });
        this.word(this.readable, record);
        this.results(type);
        return;
      }
      case 'table.get':
      case 'table.set':
      case 'table.grow':
      case 'table.fill':
        this.routine(op, recordRoutines[op]);
        return;
      case 'unreachable':
      case 'block':
      case 'loop':
      case 'if':
      case 'else':
      case 'end':
      case 'br':
      case 'br_if':
      case 'br_table':
      case 'return':
      case 'drop':
      case 'select':
      case 'select_t':
      case 'local.get':
      case 'local.set':
      case 'local.tee':
      case 'ref.null':
      case 'ref.is_null':
      case 'ref.func':
        return;
      default:
        op satisfies never;
    }
  }

  /** What is neither named here nor done by a routine gets nothing: its code may reach what all code may. */
  private fixed(op: OpName, { params, results }: FunctionType, a: number): void {
    const { environment } = this.inputs;
    if (op === 'table.size') this.word(this.readable, environment.table(a).record);
    else if (op === 'memory.size') this.word(this.readable, environment.memory?.record ?? 0);
    else if (op === 'data.drop') this.word(this.writable, environment.dataRecord(a));
    else if (op === 'elem.drop') this.word(this.writable, environment.elementRecord(a));
    else this.routine(op, isRecordRoutine(op) ? recordRoutines[op] : { argumentWords: wordsIn(params), resultWords: wordsIn(results) });
  }

  private routine(op: OpName, { argumentWords, resultWords }: RoutineWords): void {
    const address = this.inputs.environment.routineAddress(op);
    if (address === undefined) return;
    const known = this.routines.get(address);
    // Several instructions may share an address in tests: the weakest promise counts.
    this.routines.set(address, {
      argumentWords: Math.min(argumentWords, known?.argumentWords ?? argumentWords),
      stackBytes: 0,
      resultWords: Math.max(resultWords, known?.resultWords ?? 0),
    });
  }

  private contract(type: FunctionType): Contract {
    return contractOf(this.inputs.isa, type);
  }

  /** Results beyond the registers pass through the result buffer. */
  private results(type: FunctionType): void {
    const bytes = resultBufferBytes(type.results);
    const begin = this.inputs.environment.resultBuffer >>> 0;
    if (bytes > 0) this.writable.push({ begin, end: begin + bytes });
  }

  private word(list: DataRange[], address: number): void {
    list.push({ begin: address >>> 0, end: (address >>> 0) + 4 });
  }
}

function memoryFact(isa: Isa, { memory }: LinkEnvironment): MemoryFact | undefined {
  if (memory === undefined) return undefined;
  const { first, last, bytes } = abiOf[isa].boundsEntries;
  const boundsEntries = new Map<number, Reg>();
  for (let reg = first; reg <= last; reg++) boundsEntries.set(memory.boundsRoutine + (reg - first) * bytes, reg);
  return { base: memory.base >>> 0, minBytes: memory.minBytes, isTrusted: memory.boundsChecks === 'none', boundsEntries };
}

/** Where the code holds data: runs of table entries. The verifier proves that nothing runs into them. */
function tablesOf({ sites }: LinkedCode): Map<number, number> {
  const ranges: { begin: number; end: number }[] = [];
  for (const { role, offset, size } of sites) {
    if (role !== 'table entry') continue;
    const last = ranges.at(-1);
    if (last?.end === offset) last.end += size;
    else ranges.push({ begin: offset, end: offset + size });
  }
  return new Map(ranges.map(({ begin, end }) => [begin, end]));
}
