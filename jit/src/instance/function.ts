import type { Isa } from '@fireball/contracts';
import type { BulkOpName, FunctionType, OpName } from '@fireball/wasm';
import * as records from '../core/layout/body.js';
import * as layout from '../core/layout/function.js';
import { wayOf } from '../core/layout/operations.js';
import type { Features } from '../features.js';
import type { PlanEnvironment } from '../plan/accesses.js';
import { blockSignature, type FunctionSource, type Instruction } from '../plan/body.js';
import { recordOps } from '../plan/ops.js';
import { wordCount, wordsOf } from '../plan/words.js';
import { noRoom, type Core } from './core.js';
import { waysOf } from './operations.js';
import { targetNumbers } from './roles.js';

/** What a function is compiled for. */
export interface FunctionTarget {
  readonly isa: Isa;
  readonly features: Features;
}

/** Writes what the first walk wants to know of a function whose body the core has. */
class FunctionWriter {
  private readonly signatures = new Map<FunctionType, number>();
  private memory: Int32Array = new Int32Array();

  constructor(
    private readonly core: Core,
    readonly source: FunctionSource,
    private readonly body: readonly Instruction[],
    readonly environment: PlanEnvironment,
  ) {}

  /** The core's memory as it is now. */
  private get words(): Int32Array {
    const { buffer } = this.core.memory;
    if (this.memory.buffer !== buffer) this.memory = new Int32Array(buffer);
    return this.memory;
  }

  private room(bytes: number): number {
    const address = this.core.allocate(bytes);
    if (address === 0) throw noRoom(this.source.index);
    return address;
  }

  list(words: readonly number[]): number {
    const address = this.room(4 * words.length);
    this.words.set(words, address >> 2);
    return address;
  }

  /** Address of a signature. */
  signature(type: FunctionType): number {
    let address = this.signatures.get(type);
    if (address === undefined) {
      const { params, results } = type;
      address = this.list([wordCount(params), params.length, results.length, ...results.map(wordsOf), ...params.map(wordsOf)]);
      this.signatures.set(type, address);
    }
    return address;
  }

  /** Writes into the records of the instructions that name something what that is. */
  writeNames(): void {
    this.body.forEach((insn, index) => {
      const name = namers[insn.op];
      if (name !== undefined) for (const [field, value] of name(this, insn)) this.write(index, field, value);
    });
  }

  private write(index: number, field: number, value: number): void {
    const { words } = this;
    words[(words[records.records >> 2]! + index * records.recordStride + field) >> 2] = value;
  }
}

/** Fields of an instruction's record. */
type Namer = (writer: FunctionWriter, insn: Instruction) => readonly (readonly [field: number, value: number])[];

const block: Namer = (writer, { blockType }) => [[records.typeField, writer.signature(blockSignature(writer.source, blockType))]];
const call: Namer = (writer, { a }) => {
  const { source, environment } = writer;
  const isWanted = a !== source.index && environment.directCalls?.reaches(source.index, a) !== true;
  return [
    [records.signatureField, writer.signature(source.functionType(a))],
    [records.isWantedField, Number(isWanted)],
    [records.addressField, isWanted ? environment.slotAddress(a) : 0],
  ];
};
const callIndirect: Namer = (writer, { a, b }) => {
  const { record, elements } = writer.environment.table(b);
  return [
    [records.signatureField, writer.signature(writer.source.types[a]!)],
    [records.addressField, elements],
    [records.typeNumberField, writer.environment.typeNumber(a)],
    [records.tableField, record],
  ];
};
const global: Namer = ({ source, environment }, { a }) => [
  [records.wordsField, wordsOf(source.globalType(a))],
  [records.addressField, environment.globalAddress(a)],
];

/** Of the operations whose instructions name what the core does not know. */
const namers: { readonly [Op in OpName]?: Namer } = {
  block,
  loop: block,
  if: block,
  call,
  return_call: call,
  call_indirect: callIndirect,
  return_call_indirect: callIndirect,
  'ref.func': ({ environment }, { a }) => [[records.addressField, environment.slotAddress(a)]],
  'global.get': global,
  'global.set': global,
  'table.size': ({ environment }, { a }) => [[records.addressField, environment.table(a).record]],
  'data.drop': ({ environment }, { a }) => [[records.addressField, environment.dataRecord(a)]],
  'elem.drop': ({ environment }, { a }) => [[records.addressField, environment.elementRecord(a)]],
  ...Object.fromEntries(
    (Object.keys(recordOps) as BulkOpName[]).map((op): [OpName, Namer] => [
      op,
      ({ environment }, { a, b }) => [[records.addressField, environment.descriptorAddress(op, a, b)]],
    ]),
  ),
};

/** Writes what the core does not read in the body itself. */
export function writeFunction(
  core: Core,
  source: FunctionSource,
  body: readonly Instruction[],
  { isa, features }: FunctionTarget,
  environment: PlanEnvironment,
  osrLoops: ReadonlySet<number>,
): void {
  const writer = new FunctionWriter(core, source, body, environment);
  writer.writeNames();
  const entered = osrLoops.size === 0 ? [] : body.flatMap(({ op, offset }, index) => (op === 'loop' && osrLoops.has(offset) ? [index] : []));
  const { memory, safepoint } = environment;
  const values: readonly (readonly [address: number, value: number])[] = [
    [layout.target, targetNumbers[isa]],
    [layout.functionSignature, writer.signature(source.type)],
    [layout.enteredLoops, writer.list(entered)],
    [layout.enteredCount, entered.length],
    [layout.hasMemory, Number(memory !== undefined)],
    [layout.memoryBase, memory?.base ?? 0],
    [layout.hasBytes, Number((memory?.minBytes ?? 0) > 0)],
    [layout.lastByte, (memory?.minBytes ?? 0) - 1],
    [layout.isFixed, Number(memory?.fixed ?? false)],
    [layout.hasSafepoint, Number(safepoint !== undefined)],
    [layout.safepointFlag, safepoint?.flag ?? 0],
  ];
  const words = new Int32Array(core.memory.buffer);
  for (const [address, value] of values) words[address >> 2] = value;
  new Uint8Array(core.memory.buffer).set(waysOf(isa, features), wayOf);
}
