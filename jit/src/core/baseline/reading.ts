/** Reading a body's bytes, of which the next one is at `position`. */
import { load32, load8, next, store32 } from '@fireball/wasm';
import * as immediates from '../layout/immediates.js';
import { immediatesOf } from '../layout/operations.js';
import { position } from '../layout/baseline.js';
import { readSigned, readUnsigned } from '../numbers.js';

/** An unsigned number of 32 bits. */
export function takeIndex(): i32 {
  const at = load32(position);
  const byte = load8(at);
  if (byte >= 0x80) return takeLongIndex(at);
  store32(position, at + 1);
  return byte;
}

/** The same of several bytes. @noinline */
function takeLongIndex(at: i32): i32 {
  const value = readUnsigned(at);
  store32(position, load32(next));
  return value;
}

/** A signed number of up to 33 bits, of which 32 are wanted. */
export function takeSigned(): i32 {
  const at = load32(position);
  const byte = load8(at);
  if (byte >= 0x80) return takeLongSigned(at);
  store32(position, at + 1);
  return (byte << 25) >> 25;
}

/** The same of several bytes. @noinline */
function takeLongSigned(at: i32): i32 {
  const value = readSigned(at);
  store32(position, load32(next));
  return value;
}

/** The offset of a memory access; what it is aligned to is a hint. */
export function takeMemoryOffset(): i32 {
  let at = load32(position);
  while (load8(at++) >= 0x80);
  store32(position, at);
  return takeIndex();
}

/** The byte of the instruction that comes next. */
export function nextByte(): i32 {
  return load8(load32(position));
}

/** Leaves out so many bytes. */
export function skip(bytes: i32): void {
  store32(position, load32(position) + bytes);
}

/** Leaves out the immediates of an operation. */
export function skipImmediates(operation: i32): void {
  const kind = load8(immediatesOf + operation);
  if (kind !== immediates.none) skipKind(kind & ~immediates.withRest);
}

function skipKind(kind: i32): void {
  switch (kind) {
    case immediates.none:
      return;
    case immediates.memarg:
    case immediates.indexPair:
      skipNumbers(2);
      return;
    case immediates.wordBits:
      skip(4);
      return;
    case immediates.longBits:
      skip(8);
      return;
    case immediates.labels: {
      const count = takeIndex();
      skipNumbers(count + 1);
      return;
    }
    case immediates.types: {
      const count = takeIndex();
      skip(count);
      return;
    }
    case immediates.oneByte:
    case immediates.type:
      skip(1);
      return;
    case immediates.twoBytes:
      skip(2);
      return;
    case immediates.indexAndByte:
      skipNumbers(1);
      skip(1);
      return;
    default:
      skipNumbers(1);
  }
}

function skipNumbers(count: i32): void {
  let at = load32(position);
  for (; count > 0; count--) while (load8(at++) >= 0x80);
  store32(position, at);
}
