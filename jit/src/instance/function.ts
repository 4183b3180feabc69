import type { Isa } from '@fireball/contracts';
import { opcodes, type BulkOpName, type FunctionType, type OpName } from '@fireball/wasm';
import * as records from '../core/layout/body.js';
import * as layout from '../core/layout/function.js';
import { loop } from '../core/layout/classes.js';
import { wayOf } from '../core/layout/operations.js';
import type { Features } from '../features.js';
import type { PlanEnvironment } from '../plan/accesses.js';
import { blockSignature, type FunctionSource } from '../plan/body.js';
import { recordOps } from '../plan/ops.js';
import { wordsOf } from '../plan/words.js';
import { noRoom, wordsIn, type Core } from './core.js';
import { signatureWords, type WrittenModule } from './module-words.js';
import { numberOf, waysOf } from './operations.js';
import { targetNumbers } from './roles.js';

/** What a function is compiled for. */
export interface FunctionTarget {
  readonly isa: Isa;
  readonly features: Features;
}

/** Writes what the first walk wants to know of a function whose body the core has. */
class FunctionWriter {
  /** The core's memory as it is now. */
  private words: Int32Array;
  /** Of types that the module in the core's memory has not. */
  private others: Map<FunctionType, number> | undefined;

  constructor(
    private readonly core: Core,
    readonly source: FunctionSource,
    readonly environment: PlanEnvironment,
    private readonly module: WrittenModule | undefined,
  ) {
    this.words = wordsIn(core);
  }

  list(words: readonly number[]): number {
    const address = this.core.allocate(4 * words.length);
    if (address === 0) throw noRoom(this.source.index);
    this.words = wordsIn(this.core);
    this.words.set(words, address >> 2);
    return address;
  }

  /** Address of a signature. */
  signature(type: FunctionType): number {
    let address = this.module?.signature(type) ?? this.others?.get(type);
    if (address === undefined) {
      address = this.list(signatureWords(type));
      (this.others ??= new Map()).set(type, address);
    }
    return address;
  }

  /** Writes into the records of the instructions that name something what that is. */
  writeNames(): void {
    const first = this.words[records.records >> 2]!;
    const end = first + this.words[records.recordCount >> 2]! * records.recordStride;
    for (let record = first; record < end; record += records.recordStride) namers[this.field(record, records.operationField)]?.(this, record);
  }

  field(record: number, field: number): number {
    return this.words[(record + field) >> 2]!;
  }

  write(record: number, field: number, value: number): void {
    this.words[(record + field) >> 2] = value;
  }
}

/** Writes fields of an instruction's record. */
type Namer = (writer: FunctionWriter, record: number) => void;

const block: Namer = (writer, record) => {
  writer.write(record, records.typeField, writer.signature(blockSignature(writer.source, writer.field(record, records.typeField))));
};
const call: Namer = (writer, record) => {
  const { source, environment } = writer;
  const callee = writer.field(record, records.aField);
  const isWanted = callee !== source.index && environment.directCalls?.reaches(source.index, callee) !== true;
  writer.write(record, records.signatureField, writer.signature(source.functionType(callee)));
  writer.write(record, records.isWantedField, Number(isWanted));
  writer.write(record, records.addressField, isWanted ? environment.slotAddress(callee) : 0);
};
const callIndirect: Namer = (writer, record) => {
  const type = writer.field(record, records.aField);
  const table = writer.environment.table(writer.field(record, records.bField));
  writer.write(record, records.signatureField, writer.signature(writer.source.types[type]!));
  writer.write(record, records.addressField, table.elements);
  writer.write(record, records.typeNumberField, writer.environment.typeNumber(type));
  writer.write(record, records.tableField, table.record);
};
const global: Namer = (writer, record) => {
  const { source, environment } = writer;
  const index = writer.field(record, records.aField);
  writer.write(record, records.wordsField, wordsOf(source.globalType(index)));
  writer.write(record, records.addressField, environment.globalAddress(index));
};

/** Of an instruction that names one thing by its number: its address. */
const addressBy =
  (addressOf: (environment: PlanEnvironment, index: number) => number): Namer =>
  (writer, record) => {
    writer.write(record, records.addressField, addressOf(writer.environment, writer.field(record, records.aField)));
  };

/** Of the operations whose instructions name what the core does not know. */
const namersByName: { readonly [Op in OpName]?: Namer } = {
  block,
  loop: block,
  if: block,
  call,
  return_call: call,
  call_indirect: callIndirect,
  return_call_indirect: callIndirect,
  'ref.func': addressBy((environment, index) => environment.slotAddress(index)),
  'global.get': global,
  'global.set': global,
  'table.size': addressBy((environment, index) => environment.table(index).record),
  'data.drop': addressBy((environment, index) => environment.dataRecord(index)),
  'elem.drop': addressBy((environment, index) => environment.elementRecord(index)),
  ...Object.fromEntries((Object.keys(recordOps) as BulkOpName[]).map((op): [OpName, Namer] => [op, descriptorOf(op)])),
};

function descriptorOf(op: BulkOpName): Namer {
  return (writer, record) => {
    const address = writer.environment.descriptorAddress(op, writer.field(record, records.aField), writer.field(record, records.bField));
    writer.write(record, records.addressField, address);
  };
}

/** The same by the number of the operation. */
const namers: (Namer | undefined)[] = [];
for (const opcode of opcodes) namers[numberOf(opcode)] = namersByName[opcode.name];

/** Which operations are carried out how, as it was written last, and where. */
const written: { core?: Core; ways?: Uint8Array } = {};

function writeWays(core: Core, { isa, features }: FunctionTarget): void {
  const ways = waysOf(isa, features);
  if (written.core === core && written.ways === ways) return;
  new Uint8Array(core.memory.buffer).set(ways, wayOf);
  Object.assign(written, { core, ways });
}

const isLoop = (words: Int32Array, record: number): boolean => words[(record + records.classField) >> 2] === loop;

/** Indices of the loops of the body in the core that begin at one of the offsets. */
function enteredLoops(core: Core, osrLoops: ReadonlySet<number>): number[] {
  const entered: number[] = [];
  if (osrLoops.size === 0) return entered;
  const words = wordsIn(core);
  for (let index = 0, record = words[records.records >> 2]!; index < words[records.recordCount >> 2]!; index++, record += records.recordStride)
    if (isLoop(words, record) && osrLoops.has(words[(record + records.offsetField) >> 2]!)) entered.push(index);
  return entered;
}

/** Writes what the core does not read in the body itself. `module`: what the core's memory has of it already. */
export function writeFunction(
  core: Core,
  source: FunctionSource,
  target: FunctionTarget,
  environment: PlanEnvironment,
  osrLoops: ReadonlySet<number>,
  module?: WrittenModule,
): void {
  const writer = new FunctionWriter(core, source, environment, module);
  writer.writeNames();
  const signature = writer.signature(source.type);
  const entered = enteredLoops(core, osrLoops);
  const list = writer.list(entered);
  const { memory, safepoint } = environment;
  const words = wordsIn(core);
  words[layout.target >> 2] = targetNumbers[target.isa];
  words[layout.functionSignature >> 2] = signature;
  words[layout.enteredLoops >> 2] = list;
  words[layout.enteredCount >> 2] = entered.length;
  words[layout.hasMemory >> 2] = Number(memory !== undefined);
  words[layout.memoryBase >> 2] = memory?.base ?? 0;
  words[layout.hasBytes >> 2] = Number((memory?.minBytes ?? 0) > 0);
  words[layout.lastByte >> 2] = (memory?.minBytes ?? 0) - 1;
  words[layout.isFixed >> 2] = Number(memory?.fixed ?? false);
  words[layout.hasSafepoint >> 2] = Number(safepoint !== undefined);
  words[layout.safepointFlag >> 2] = safepoint?.flag ?? 0;
  writeWays(core, target);
}
