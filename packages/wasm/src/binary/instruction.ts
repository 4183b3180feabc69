import { UnsupportedError, type ByteOffset } from '@fireball/contracts';
import { mostTargets } from '../core/layout/shapes.js';
import { opcodeOfByte, opcodeOfPrefixFc, opcodes, type ImmediateKind, type Opcode } from '../opcodes.js';
import { valueTypeOf, type ReferenceType, type ValueType } from '../types.js';
import { refuseOpcode, refusePrefixFc, refuseProposal, refuseValueType } from './proposals.js';
import { ByteReader } from './reader.js';

/** `empty`, one result, or an index into the module's types. */
export type BlockType = 'empty' | ValueType | number;

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Reads a value type; types of other proposals are refused by name. */
export function readValueType(reader: ByteReader): ValueType {
  const byte = reader.byte();
  return valueTypeOf(byte) ?? refuseType(reader, byte, 'malformed value type');
}

/** Reads `funcref` or `externref`. */
export function readReferenceType(reader: ByteReader): ReferenceType {
  const byte = reader.byte();
  const type = valueTypeOf(byte);
  return type === 'funcref' || type === 'externref' ? type : refuseType(reader, byte, 'malformed reference type');
}

/** Reads the heap type of `ref.null`. An index would be a type of the module. */
function readHeapType(reader: ByteReader): ReferenceType {
  const byte = reader.peek() ?? 0x40;
  if (byte < 0x40 || byte >= 0x80) refuseProposal(reader, 'ref.null of a type of its own', 'references', reader.offset);
  return readReferenceType(reader);
}

function refuseType(reader: ByteReader, byte: number, problem: string): never {
  const offset = reader.offset - 1;
  refuseValueType(reader, byte, offset);
  return reader.fail(problem, offset);
}

/**
 * Decodes instructions one after the other into its own fields, so that walking a function allocates next to nothing.
 * A field holds its value until the next `read()`, and only where the row's `immediates` names it (see `ImmediateKind`).
 */
export class InstructionReader extends ByteReader {
  /** Row of the current instruction. */
  op: Opcode = opcodes[0] as Opcode;
  /** Offset of the current instruction's first byte; `offset` is that of the next instruction. */
  start: ByteOffset = 0;
  a = 0;
  b = 0;
  i64 = 0n;
  blockType: BlockType = 'empty';
  /** Label depths of `br_table`, the default last. A fresh array per `br_table`. */
  targets: readonly number[] = [];
  /** Types of `select_t` and `ref.null`. */
  types: readonly ValueType[] = [];

  constructor(bytes: Uint8Array, offset: ByteOffset = 0, section = 'code') {
    super(bytes, offset, section);
  }

  /** Offset of the instruction after the current one. */
  get next(): ByteOffset {
    return this.offset;
  }

  /** Decodes the instruction at `offset`. */
  read(): void {
    this.start = this.offset;
    const byte = this.byte();
    const op = byte === 0xfc ? this.prefixed() : (opcodeOfByte(byte) ?? this.illegal(byte));
    this.op = op;
    if (op.immediates !== 'none') readImmediates[op.immediates](this);
  }

  private prefixed(): Opcode {
    const subOpcode = this.u32();
    const op = opcodeOfPrefixFc(subOpcode);
    if (op !== undefined) return op;
    refusePrefixFc(this, subOpcode, this.start);
    return this.fail(`illegal opcode fc ${hexByte(subOpcode)}`, this.start);
  }

  private illegal(byte: number): never {
    refuseOpcode(this, byte, this.start);
    return this.fail(`illegal opcode ${hexByte(byte)}`, this.start);
  }

  readTargets(): void {
    const count = this.u32();
    if (count > mostTargets)
      throw new UnsupportedError(`br_table with ${count} labels (at most ${mostTargets} beside the default)`, { offset: this.start, section: this.section });
    this.targets = this.list(count + 1, () => this.u32());
  }

  readBlockType(): void {
    const byte = this.peek();
    if (byte === 0x40) {
      this.offset++;
      this.blockType = 'empty';
      return;
    }
    // Value types are the one-byte negative numbers of the s33 encoding.
    if (byte !== undefined && (byte & 0xc0) === 0x40) {
      this.blockType = readValueType(this);
      return;
    }
    const at = this.offset;
    const index = this.s33();
    if (index < 0) this.fail('malformed block type', at);
    this.blockType = index;
  }

  readMemarg(): void {
    const at = this.offset;
    const flags = this.u32();
    if (flags >= 0x40 && flags < 0x80) {
      this.fail('malformed memop flags', at, 'bit 6 selects a memory: multi-memory is not supported');
    }
    if (flags >= 0x20) this.fail('malformed memop flags', at);
    this.a = flags;
    this.b = this.u32();
  }
}

const readIndex = (reader: InstructionReader): void => {
  reader.a = reader.u32();
};
const readIndexPair = (reader: InstructionReader): void => {
  reader.a = reader.u32();
  reader.b = reader.u32();
};
const readZeroByte = (reader: InstructionReader): void => reader.zeroByte();

const readImmediates = {
  block: (reader) => reader.readBlockType(),
  label: readIndex,
  br_table: (reader) => reader.readTargets(),
  func: readIndex,
  type_table: readIndexPair,
  local: readIndex,
  global: readIndex,
  table: readIndex,
  memarg: (reader) => reader.readMemarg(),
  memory: readZeroByte,
  i32: (reader) => {
    reader.a = reader.s32();
  },
  i64: (reader) => {
    reader.i64 = reader.s64();
  },
  f32: (reader) => {
    reader.a = reader.fixed32();
  },
  f64: (reader) => {
    reader.i64 = reader.fixed64();
  },
  select_types: (reader) => {
    reader.types = reader.vector(() => readValueType(reader));
  },
  ref_type: (reader) => {
    reader.types = [readHeapType(reader)];
  },
  data: readIndex,
  elem: readIndex,
  data_memory: (reader) => {
    reader.a = reader.u32();
    reader.zeroByte();
  },
  memory_memory: (reader) => {
    reader.zeroByte();
    reader.zeroByte();
  },
  elem_table: readIndexPair,
  table_table: readIndexPair,
} as const satisfies Record<Exclude<ImmediateKind, 'none'>, (reader: InstructionReader) => void>;

/** Decodes the single instruction at `offset`. */
export function decodeInstruction(bytes: Uint8Array, offset: ByteOffset): InstructionReader {
  const reader = new InstructionReader(bytes, offset);
  reader.read();
  return reader;
}
