import { UnsupportedError } from '@fireball/contracts';
import type { DataSegment, DataSegments } from '../data-segments.js';
import type { ConstantExpression, ElementSegment, Export, ExternalKind, FunctionBody, Import, ImportDescription, LocalRun } from '../module.js';
import type { FunctionType, GlobalType, Limits, MemoryType, ReferenceType, TableType, ValueType } from '../types.js';
import { readReferenceType, readValueType, type InstructionReader } from './instruction.js';
import { refuseProposal, refuseTypeForm } from './proposals.js';

/** Most locals of one function, as in the web engines. The spec's own limit is 2^32 - 1. */
export const maxLocals = 50_000;

/** Most parameters, and most results, of a function type, as in the web engines. */
const maxArity = 1_000;

const externalKinds: readonly ExternalKind[] = ['function', 'table', 'memory', 'global'];

function refuse(reader: InstructionReader, feature: string, offset: number): never {
  throw new UnsupportedError(feature, { offset, section: reader.section });
}

export function readFunctionType(reader: InstructionReader): FunctionType {
  const form = reader.byte();
  if (form !== 0x60) {
    refuseTypeForm(reader, form, reader.offset - 1);
    reader.fail(form >= 0x80 ? 'integer representation too long' : 'malformed function type', reader.offset - 1);
  }
  return { params: readTypeList(reader), results: readTypeList(reader) };
}

function readTypeList(reader: InstructionReader): ValueType[] {
  const at = reader.offset;
  const types = reader.vector(() => readValueType(reader));
  if (types.length > maxArity) {
    refuse(reader, `${types.length} parameters or results (at most ${maxArity})`, at);
  }
  return types;
}

/** Reads the flags that open table and memory limits. */
function readLimitsFlags(reader: InstructionReader): number {
  const flags = reader.byte();
  if (flags >= 0x80) reader.fail('integer representation too long');
  return flags;
}

function readLimits(reader: InstructionReader, hasMax: boolean): Limits {
  const min = reader.u32();
  return { min, max: hasMax ? reader.u32() : undefined };
}

function readTableType(reader: InstructionReader): TableType {
  const element = readReferenceType(reader);
  const at = reader.offset;
  const flags = readLimitsFlags(reader);
  if ((flags & 0x04) !== 0) refuseProposal(reader, '64-bit tables', 'memory64', at);
  if (flags > 1) reader.fail('integer too large', at);
  return { element, limits: readLimits(reader, flags === 1) };
}

/** Limits flags of memories: 1 = has a maximum, 2 = shared, 4 = 64-bit, 8 = custom page size follows. */
export function readMemoryType(reader: InstructionReader): MemoryType {
  const at = reader.offset;
  const flags = readLimitsFlags(reader);
  if (flags > 0x0f) reader.fail('malformed limits flags', at);
  if ((flags & 0x02) !== 0) refuseProposal(reader, 'shared memory', 'threads', at);
  if ((flags & 0x04) !== 0) refuseProposal(reader, '64-bit memory', 'memory64', at);
  const limits = readLimits(reader, (flags & 0x01) !== 0);
  if ((flags & 0x08) === 0) return { limits, pageSize: 65536 };
  const sizeAt = reader.offset;
  const pageSizeLog2 = reader.u32();
  if (pageSizeLog2 !== 0 && pageSizeLog2 !== 16) reader.fail('invalid custom page size', sizeAt);
  return { limits, pageSize: 2 ** pageSizeLog2 };
}

export function readGlobalType(reader: InstructionReader): GlobalType {
  const type = readValueType(reader);
  const mutability = reader.byte();
  if (mutability > 1) reader.fail('malformed mutability', reader.offset - 1);
  return { type, mutable: mutability === 1 };
}

export function readImport(reader: InstructionReader): Import {
  const offset = reader.offset;
  const module = reader.name();
  const name = reader.name();
  return { module, name, description: readImportDescription(reader), offset };
}

function readImportDescription(reader: InstructionReader): ImportDescription {
  const code = reader.byte();
  switch (code) {
    case 0:
      return { kind: 'function', typeIndex: reader.u32() };
    case 1:
      return { kind: 'table', type: readTableType(reader) };
    case 2:
      return { kind: 'memory', type: readMemoryType(reader) };
    case 3:
      return { kind: 'global', type: readGlobalType(reader) };
    case 4:
      return refuseProposal(reader, 'tag imports', 'exceptions', reader.offset - 1);
    default:
      return reader.fail('malformed import kind', reader.offset - 1);
  }
}

export function readExport(reader: InstructionReader): Export {
  const offset = reader.offset;
  const name = reader.name();
  const code = reader.byte();
  if (code === 4) refuseProposal(reader, 'tag exports', 'exceptions', reader.offset - 1);
  const kind = externalKinds[code] ?? reader.fail('malformed export kind', reader.offset - 1);
  return { name, kind, index: reader.u32(), offset };
}

export function readTable(reader: InstructionReader): TableType {
  if (reader.peek() === 0x40) {
    refuseProposal(reader, 'table initializers', 'references', reader.offset);
  }
  return readTableType(reader);
}

/** Finds the end of a constant expression; what it may contain is the validator's business. */
export function readConstantExpression(reader: InstructionReader): ConstantExpression {
  const start = reader.offset;
  let depth = 1;
  while (depth > 0) {
    reader.read();
    if (reader.op.immediates === 'block') depth++;
    else if (reader.op.name === 'end') depth--;
  }
  return { start, end: reader.offset };
}

export function readElementSegment(reader: InstructionReader): ElementSegment {
  const offset = reader.offset;
  const flags = reader.u32();
  if (flags > 7) reader.fail('malformed elements segment kind', offset);
  const active = (flags & 1) === 0;
  const explicitTable = active && (flags & 2) !== 0;
  const table = explicitTable ? reader.u32() : 0;
  const position = active ? readConstantExpression(reader) : undefined;
  const asExpressions = (flags & 4) !== 0;
  // Kinds 0 and 4, the oldest forms, have no type: always functions.
  const typed = (flags & 3) !== 0;
  const type = typed ? readElementType(reader, asExpressions) : 'funcref';
  return {
    mode: active ? 'active' : (flags & 2) !== 0 ? 'declarative' : 'passive',
    type,
    table,
    position,
    init: asExpressions
      ? {
          kind: 'expressions',
          expressions: reader.vector(() => readConstantExpression(reader)),
        }
      : { kind: 'functions', indices: reader.vector(() => reader.u32()) },
    offset,
  };
}

function readElementType(reader: InstructionReader, asExpressions: boolean): ReferenceType {
  if (asExpressions) return readReferenceType(reader);
  if (reader.byte() !== 0) reader.fail('malformed element kind', reader.offset - 1);
  return 'funcref';
}

/** Reads entries of the data section. */
export function readDataSegments(reader: InstructionReader, segments: DataSegments, count: number): void {
  // A segment takes two bytes at least: a hostile count costs no memory.
  segments.reserve(Math.min(count, reader.remaining / 2, 1 << 18));
  const all = segments.length + count;
  for (;;) {
    reader.offset = segments.addPlain(reader.offset, all - segments.length);
    if (segments.length === all) return;
    segments.add(readDataSegment(reader));
  }
}

function readDataSegment(reader: InstructionReader): DataSegment {
  const offset = reader.offset;
  const flags = reader.u32();
  if (flags > 2) reader.fail('malformed data segment kind', offset);
  const memory = flags === 2 ? reader.u32() : 0;
  const position = flags === 1 ? undefined : readConstantExpression(reader);
  const size = reader.u32();
  const start = reader.offset;
  reader.skip(size);
  return { mode: flags === 1 ? 'passive' : 'active', memory, position, content: { start, end: start + size }, offset };
}

/** Reads one entry of the code section. The instructions are only delimited, not decoded. */
export function readFunctionBody(reader: InstructionReader): FunctionBody {
  const size = reader.length();
  const end = reader.offset + size;
  let total = 0;
  const localsAt = reader.offset;
  const locals: LocalRun[] = [];
  for (let runs = reader.u32(); runs > 0; runs--) {
    const count = reader.u32();
    total += count;
    if (total > 0xffff_ffff) reader.fail('too many locals', localsAt);
    const type = readValueType(reader);
    if (count > 0) locals.push({ count, type });
  }
  if (total > maxLocals) {
    refuse(reader, `${total} locals in one function (at most ${maxLocals})`, localsAt);
  }
  if (reader.offset > end) reader.fail('section size mismatch', localsAt);
  const start = reader.offset;
  reader.skip(end - start);
  return { declarations: localsAt, locals, code: { start, end } };
}
