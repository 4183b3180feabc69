/**
 * The packed form: what a device carries of a template set. Layout in jit/TEMPLATES.md, "Packed form".
 * It holds code and patch points, not constraints, names or contracts: a device's selector was
 * proved against those on the host.
 */
import { InternalError, InvalidInputError, type Isa } from '@fireball/contracts';
import { BitReader, BitWriter } from './bits.js';
import { derivedFunctions, type DerivedName } from './derive.js';
import { runsOf, type Field, type Run } from './field.js';
import type { Template, TemplateSet } from './template.js';

const magic = 0x3242_4246; // "FBB2", little-endian
const fileHeaderSize = 8;
const isaCodes = { thumb2: 0, rv32: 1 } as const satisfies Record<Isa, number>;
const derivedNames = Object.keys(derivedFunctions) as DerivedName[];

/** A packed set. */
export interface PackedTemplates {
  readonly bytes: Uint8Array;
  /** Byte offset of each template's header, by template id: constants of the device's selector. */
  readonly offsets: readonly number[];
  /** What the bytes are spent on. */
  readonly sizes: { readonly header: number; readonly maps: number; readonly templates: number; readonly code: number };
}

/** A patch field as a device sees it: `Field` without its host-side parts. */
export interface PackedField {
  readonly offset: number;
  readonly unit: 2 | 4;
  readonly operand: number;
  /** -1 where there is none. */
  readonly with: number;
  readonly derive: DerivedName | undefined;
  readonly bias: number;
  readonly runs: readonly Run[];
}

/** A template as the packed form has it. */
export interface UnpackedTemplate {
  readonly bytes: Uint8Array;
  readonly alignment: number;
  readonly operands: number;
  readonly fields: readonly PackedField[];
}

/** A whole packed set, read back. */
export interface UnpackedTemplates {
  readonly isa: Isa;
  readonly templates: readonly UnpackedTemplate[];
}

/** Everything of a field but its place and operands: shared between templates. */
type FieldMap = Omit<PackedField, 'offset' | 'operand' | 'with'>;

/** The set as a device carries it; the format stands above, read back by `unpackTemplates`. */
export function packTemplates(set: TemplateSet): PackedTemplates {
  const maps: FieldMap[] = [];
  const numbers = new Map<string, number>();
  for (const { fields } of set.templates)
    for (const field of fields) {
      const key = mapKey(field);
      if (numbers.has(key)) continue;
      numbers.set(key, maps.length);
      maps.push(mapOf(field));
    }
  if (maps.length > 255 || set.templates.length > 0xffff)
    throw new InternalError(`${maps.length} field maps, ${set.templates.length} templates: too many for the packed form`);
  const mapBits = widthOf(maps.length);

  const bytes: number[] = [];
  push32(bytes, magic);
  bytes.push(isaCodes[set.isa], maps.length, set.templates.length & 0xff, set.templates.length >> 8);
  for (const map of maps) bytes.push(...packMap(map));
  const mapsEnd = bytes.length;
  const offsets = set.templates.map((template) => {
    const at = bytes.length;
    bytes.push(...packTemplate(template, (field) => numbers.get(mapKey(field)) ?? 0, mapBits));
    return at;
  });
  const code = set.templates.reduce((sum, { size }) => sum + size, 0);
  return {
    bytes: Uint8Array.from(bytes),
    offsets,
    sizes: { header: fileHeaderSize, maps: mapsEnd - fileHeaderSize, templates: bytes.length - mapsEnd, code },
  };
}

/** Sizes of the sets seen so far: packing one takes longer than many calls. */
const knownSizes = new WeakMap<TemplateSet, number>();

/** Bytes of the packed set. */
export function packedSize(set: TemplateSet): number {
  const size = knownSizes.get(set) ?? packTemplates(set).bytes.length;
  knownSizes.set(set, size);
  return size;
}

/** @throws InvalidInputError with the byte offset, for bytes that are no packed set */
export function unpackTemplates(bytes: Uint8Array): UnpackedTemplates {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== magic) throw new InvalidInputError('not a packed template set', { offset: 0 });
  const isaCode = reader.u8();
  const isa = isaCode === isaCodes.thumb2 ? 'thumb2' : isaCode === isaCodes.rv32 ? 'rv32' : undefined;
  if (isa === undefined) throw new InvalidInputError(`unknown target ${isaCode}`, { offset: 4 });
  const mapCount = reader.u8();
  const templateCount = reader.u8() | (reader.u8() << 8);
  const maps = Array.from({ length: mapCount }, () => unpackMap(reader));
  const templates = Array.from({ length: templateCount }, () => unpackTemplate(reader, maps));
  reader.end();
  return { isa, templates };
}

function mapOf(field: Field): FieldMap {
  const { unit, bias, point } = field;
  return { unit, bias, derive: point.derive, runs: runsOf(field) };
}

function mapKey({ unit, shift, masks, bias, point }: Field): string {
  return [unit, shift, bias, point.derive ?? '', masks.join()].join('/');
}

/** Bits that hold the numbers 0 .. count - 1. */
function widthOf(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/**
 * A byte: bit 0 set for 4-byte instructions, bits 1..3 bias / 4, bits 4..7 derived function + 1 or 0. Then two bytes a run:
 * bits 0..4 first bit of the value, 5..9 number of bits - 1, 10..14 lowest bit of the instruction, 15 set for the last run.
 */
function packMap({ unit, bias, derive, runs }: FieldMap): number[] {
  const derived = derive === undefined ? 0 : derivedNames.indexOf(derive) + 1;
  if (bias % 4 !== 0 || bias < 0 || bias > 28) throw new InternalError(`bias ${bias} has no packed form`);
  if (derived > 15 || runs.length === 0 || runs.some(({ from, count }) => from + count > 32)) throw new InternalError('a field map without a packed form');
  const bytes = [(unit === 4 ? 1 : 0) | (bias >> 1) | (derived << 4)];
  runs.forEach(({ from, count, to }, index) => {
    const run = from | ((count - 1) << 5) | (to << 10) | (index === runs.length - 1 ? 0x8000 : 0);
    bytes.push(run & 0xff, run >> 8);
  });
  return bytes;
}

function unpackMap(reader: ByteReader): FieldMap {
  const head = reader.u8();
  const unit = head & 1 ? 4 : 2;
  let derive: DerivedName | undefined;
  if (head >> 4 !== 0) {
    derive = derivedNames[(head >> 4) - 1];
    if (derive === undefined) reader.fail('unknown derived function');
  }
  const runs: Run[] = [];
  for (let run = 0; (run & 0x8000) === 0;) {
    run = reader.u8() | (reader.u8() << 8);
    const unpacked = { from: run & 31, count: ((run >> 5) & 31) + 1, to: (run >> 10) & 31 };
    if (unpacked.from + unpacked.count > 32) reader.fail('a run of bits beyond its value');
    if (unpacked.to + unpacked.count > 8 * unit) reader.fail('a run of bits beyond its instruction');
    runs.push(unpacked);
  }
  return { unit, bias: 4 * ((head >> 1) & 7), derive, runs };
}

/**
 * Three bytes: size / 2; operand count, plus 0x80 for an alignment of 4; number of patch points.
 * Then the code, then a bit string (least significant bit first, padded to a byte) of patch points.
 * Patch point: 2 bits distance from the last one's instruction in halfwords, map number, operand number, 8 bits of distance
 * where the first two are 3, and a second operand number where the map's function takes two.
 */
function packTemplate(template: Template, mapNumber: (field: Field) => number, mapBits: number): number[] {
  const { size, alignment, operands, fields, bytes } = template;
  if (size > 510 || operands.length > 127 || fields.length > 255) throw new InternalError(`template ${template.name} is too large for the packed form`);
  const operandBits = widthOf(operands.length);
  const points = new BitWriter();
  let last = 0;
  for (const field of fields) {
    const distance = (field.offset - last) / 2;
    last = field.offset;
    points.put(Math.min(distance, 3), 2);
    points.put(mapNumber(field), mapBits);
    points.put(field.operand, operandBits);
    if (distance >= 3) points.put(distance, 8);
    if (field.with >= 0) points.put(field.with, operandBits);
  }
  return [size / 2, operands.length | (alignment === 4 ? 0x80 : 0), fields.length, ...bytes, ...points.bytes()];
}

function unpackTemplate(reader: ByteReader, maps: readonly FieldMap[]): UnpackedTemplate {
  const size = 2 * reader.u8();
  const counts = reader.u8();
  const operands = counts & 0x7f;
  const fieldCount = reader.u8();
  const bytes = reader.take(size);
  const bits = new BitReader(reader.bytes, reader.at);
  const mapBits = widthOf(maps.length);
  const operandBits = widthOf(operands);
  let offset = 0;
  const fields = Array.from({ length: fieldCount }, (): PackedField => {
    const distance = bits.get(2);
    const map = maps[bits.get(mapBits)];
    const operand = bits.get(operandBits);
    offset += 2 * (distance < 3 ? distance : bits.get(8));
    if (map === undefined) return reader.fail('no such field map');
    const second = map.derive === undefined || derivedFunctions[map.derive].arity === 1 ? -1 : bits.get(operandBits);
    if (operand >= operands || second >= operands) reader.fail('no such operand');
    if (offset + map.unit > size) reader.fail('a patch point outside its template');
    return { ...map, offset, operand, with: second };
  });
  reader.at = bits.end();
  return { bytes, alignment: counts & 0x80 ? 4 : 2, operands, fields };
}

function push32(bytes: number[], value: number): void {
  for (let shift = 0; shift < 32; shift += 8) bytes.push((value >>> shift) & 0xff);
}

class ByteReader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  fail(problem: string): never {
    throw new InvalidInputError(problem, { offset: this.at });
  }

  u8(): number {
    return this.bytes[this.at++] ?? this.fail('the packed set ends early');
  }

  u32(): number {
    return (this.u8() | (this.u8() << 8) | (this.u8() << 16) | (this.u8() << 24)) >>> 0;
  }

  take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) this.fail('the packed set ends early');
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }

  end(): void {
    if (this.at !== this.bytes.length) this.fail(`${this.bytes.length - this.at} bytes too many`);
  }
}
