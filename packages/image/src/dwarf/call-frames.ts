/** `.debug_frame`. Source: DWARF Debugging Information Format, version 4, section 6.4. */
import { ByteWriter } from './byte-writer.js';

/** From `address` on: where the frame of the caller ends, and what of its registers is in memory. */
export interface FrameRow {
  readonly address: number;
  /** The canonical frame address (sp when the function was called) is sp now and this: below 0, a multiple of 4, where stack arguments are popped already. */
  readonly frameBytes: number;
  /** Offsets from the canonical frame address, multiples of 4, by register. The others still hold what they held. */
  readonly saved: ReadonlyMap<number, number>;
  /** What tells more than offsets can. */
  readonly computed?: ComputedFrame | undefined;
  /** Nothing tells who has called. */
  readonly isOutermost?: boolean;
}

/** Expressions (`Expression`) over the registers of the code itself. */
export interface ComputedFrame {
  /** The canonical frame address, in place of `frameBytes`. */
  readonly frame?: Uint8Array | undefined;
  /** What the caller finds in registers; the stack has the canonical frame address first. */
  readonly values: ReadonlyMap<number, Uint8Array>;
}

/** How some code finds its callers. */
export interface FrameConvention {
  /** DWARF numbers. */
  readonly stackPointer: number;
  readonly returnAddress: number;
  /** What callees may change. */
  readonly undefinedRegisters: readonly number[];
}

/** Code without a gap under one convention; rows by ascending address, the first one where it begins. */
export interface FrameCode {
  readonly convention: FrameConvention;
  readonly end: number;
  readonly rows: readonly FrameRow[];
}

const operations = {
  advance1: 0x02,
  advance2: 0x03,
  advance4: 0x04,
  offsetExtended: 0x05,
  frameExpression: 0x0f,
  valueExpression: 0x16,
  undefined: 0x07,
  sameValue: 0x08,
  defineFrame: 0x0c,
  frameOffset: 0x0e,
  frameOffsetSigned: 0x13,
  advance: 0x40,
  offset: 0x80,
} as const;
const dataAlignment = -4;
const alignment = 4;

/** The section for code of 32-bit addresses. */
export function writeCallFrames(list: readonly FrameCode[]): Uint8Array {
  const writer = new ByteWriter();
  const conventions = new Map<FrameConvention, number>();
  for (const code of list) {
    const known = conventions.get(code.convention);
    const common = known ?? writer.length;
    if (known === undefined) {
      conventions.set(code.convention, common);
      writeConvention(writer, code.convention);
    }
    const begin = code.rows[0]!.address;
    writer.sized(() => {
      writer.u32(common);
      writer.u32(begin);
      writer.u32(code.end - begin);
      writeRows(writer, code);
      writer.align(alignment);
    });
  }
  return writer.finish();
}

function writeConvention(writer: ByteWriter, { stackPointer, returnAddress, undefinedRegisters }: FrameConvention): void {
  writer.sized(() => {
    writer.u32(0xffff_ffff);
    // Version, no augmentation, bytes of addresses, none of segments, unit of code.
    writer.bytes([4, 0, 4, 0, 1]);
    writer.sleb(dataAlignment);
    writer.uleb(returnAddress);
    writer.u8(operations.defineFrame);
    writer.uleb(stackPointer);
    writer.uleb(0);
    for (const register of undefinedRegisters) {
      writer.u8(operations.undefined);
      writer.uleb(register);
    }
    writer.align(alignment);
  });
}

function writeRows(writer: ByteWriter, { rows, convention: { stackPointer, returnAddress } }: FrameCode): void {
  let { address } = rows[0]!;
  let frameBytes: number | undefined = 0;
  let saved: ReadonlyMap<number, number> = new Map();
  let computed: ComputedFrame | undefined;
  let isOutermost = false;
  for (const row of rows) {
    advance(writer, row.address - address);
    if (row.computed?.frame !== undefined) {
      writer.u8(operations.frameExpression);
      writeBlock(writer, row.computed.frame);
      frameBytes = undefined;
    } else if (frameBytes === undefined) {
      writer.u8(operations.defineFrame);
      writer.uleb(stackPointer);
      writer.uleb(row.frameBytes);
      ({ frameBytes } = row);
    } else if (row.frameBytes !== frameBytes) {
      if (row.frameBytes >= 0) {
        writer.u8(operations.frameOffset);
        writer.uleb(row.frameBytes);
      } else {
        writer.u8(operations.frameOffsetSigned);
        writer.sleb(row.frameBytes / dataAlignment);
      }
    }
    for (const register of [...saved.keys(), ...(computed?.values.keys() ?? []), ...(isOutermost ? [returnAddress] : [])]) {
      if (row.saved.has(register) || row.computed?.values.has(register) === true) continue;
      writer.u8(operations.sameValue);
      writer.uleb(register);
    }
    if (row.isOutermost === true) {
      writer.u8(operations.undefined);
      writer.uleb(returnAddress);
    }
    for (const [register, value] of row.computed?.values ?? []) {
      writer.u8(operations.valueExpression);
      writer.uleb(register);
      writeBlock(writer, value);
    }
    for (const [register, offset] of row.saved) {
      if (saved.get(register) === offset) continue;
      if (register < 64) writer.u8(operations.offset | register);
      else {
        writer.u8(operations.offsetExtended);
        writer.uleb(register);
      }
      writer.uleb(offset / dataAlignment);
    }
    ({ address, saved, computed } = row);
    isOutermost = row.isOutermost === true;
    if (frameBytes !== undefined) ({ frameBytes } = row);
  }
}

function writeBlock(writer: ByteWriter, bytes: Uint8Array): void {
  writer.uleb(bytes.length);
  writer.bytes(bytes);
}

function advance(writer: ByteWriter, bytes: number): void {
  if (bytes === 0) return;
  if (bytes < 64) writer.u8(operations.advance | bytes);
  else if (bytes < 0x100) writer.bytes([operations.advance1, bytes]);
  else if (bytes < 0x1_0000) {
    writer.u8(operations.advance2);
    writer.u16(bytes);
  } else {
    writer.u8(operations.advance4);
    writer.u32(bytes);
  }
}
