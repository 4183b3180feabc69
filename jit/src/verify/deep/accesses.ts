import { u32Max, upTo } from './bounds.js';
import type { TableFact } from './facts.js';
import type { AddressForm, Effect } from './instruction.js';
import { fail, fresh, loadSlot, read, refuse, storeSlot, write, type Point } from './point.js';
import { typeOffset, type Origin } from './state.js';
import { constant, plus, type Value } from './values.js';

type Access = Effect & { kind: 'load' | 'store' };

/** base + (index << shift), where that is no value of its own. */
interface ScaledAddress {
  readonly base: number;
  readonly index: Value;
  readonly shift: number;
}

export function load(point: Point, effect: Effect & { kind: 'load' }): void {
  const address = addressOf(point, effect.address);
  const { width, signed } = effect;
  if (!('shift' in address) && address.symbol === point.proof.entrySp) {
    write(point, effect.rt, loadSlot(point, address.add | 0, width));
    return;
  }
  const origin = prove(point, effect, address);
  write(point, effect.rt, fresh(point, 0, upTo(width === 4 || signed ? u32Max : 2 ** (8 * width) - 1), origin));
}

export function store(point: Point, effect: Effect & { kind: 'store' }): void {
  const address = addressOf(point, effect.address);
  if (!('shift' in address) && address.symbol === point.proof.entrySp) {
    const { abi } = point.proof;
    storeSlot(point, address.add | 0, effect.width, effect.rt === abi.zero ? constant(0) : point.state.registers[effect.rt]);
    return;
  }
  read(point, effect.rt);
  prove(point, effect, address);
}

type FloatAccess = Effect & { kind: 'load float' | 'store float' };

/** VLDR, FLD and their like fault on unaligned addresses: wasm memory may be anywhere, the frame is aligned (hazard 1). */
function frameOffset(point: Point, { address: form, width }: FloatAccess): number {
  const address = addressOf(point, form);
  if ('shift' in address || address.symbol !== point.proof.entrySp) throw fail(point, 'a floating-point register meets memory that is not the frame');
  const offset = address.add | 0;
  if (offset % width !== 0) throw fail(point, `an access of ${width} bytes that is not aligned`);
  return offset;
}

export function loadFloat(point: Point, effect: FloatAccess): void {
  const offset = frameOffset(point, effect);
  let isWritten = true;
  for (let at = 0; at < effect.width; at += 4) if (loadSlot(point, offset + at, 4) === undefined) isWritten = false;
  write(point, effect.rt, isWritten ? fresh(point, 0) : undefined);
}

export function storeFloat(point: Point, effect: FloatAccess): void {
  const offset = frameOffset(point, effect);
  read(point, effect.rt);
  for (let at = 0; at < effect.width; at += 4) storeSlot(point, offset + at, 4, fresh(point, at / 4));
}

function addressOf(point: Point, form: AddressForm): Value | ScaledAddress {
  const base = read(point, form.base);
  if ('offset' in form) return plus(base, form.offset);
  const index = read(point, form.index);
  if (index.symbol === 0) return plus(base, index.add * 2 ** form.shift);
  if (base.symbol !== 0) {
    if (form.shift > 0) throw fail(point, 'the base of a scaled address is no constant');
    // A sum of two unknown numbers: only their ranges can prove it.
    const [a, b] = [point.state.boundOf(base), point.state.boundOf(index)];
    return fresh(point, 1, a.hi + b.hi <= u32Max ? { lo: a.lo + b.lo, hi: a.hi + b.hi, extent: 0 } : upTo(u32Max));
  }
  return form.shift === 0 ? plus(index, base.add) : { base: base.add, index, shift: form.shift };
}

/**
 * Proves that the access stays where this function may read or write. Returns what is special about
 * the loaded word.
 * @throws DeepVerifyError saying what is missing
 */
function prove(point: Point, access: Access, address: Value | ScaledAddress): Origin | undefined {
  const { counts, facts, osrFrame } = point.proof;
  if (access.kind === 'load' && access.width === 4 && !('shift' in address) && address.symbol === osrFrame) {
    if (address.add % 4 === 0 && address.add + 4 <= facts.osrFrameBytes) {
      counts.stack++;
      return undefined;
    }
  }
  if (proveMemory(point, access, address)) return undefined;
  if (!('shift' in address) && address.symbol === 0) {
    const ranges = access.kind === 'load' ? facts.readable : facts.writable;
    if (ranges.hold(address.add, address.add + access.width)) {
      counts.data++;
      return { kind: 'loaded', address };
    }
  }
  if (access.kind === 'load' && access.width === 4) {
    const table = facts.tables.find((candidate) => isElement(point, candidate, address));
    if (table !== undefined) {
      counts.table++;
      return { kind: 'element' };
    }
    if (!('shift' in address) && isSlotWord(point, address)) {
      counts.table++;
      return { kind: 'loaded', address };
    }
  }
  if (isTrusted(point, address)) {
    counts.trusted++;
    return undefined;
  }
  refuse(point, `no proof that this ${access.kind} of ${access.width} bytes stays in bounds: ${describe(point, address)}`);
  return undefined;
}

/** index + width <= size of the linear memory. */
function proveMemory(point: Point, { width }: Access, address: Value | ScaledAddress): boolean {
  const { counts, facts } = point.proof;
  const { memory } = facts;
  if (memory === undefined) return false;
  if ('shift' in address) {
    const { hi } = point.state.boundOf(address.index);
    const begin = address.base - memory.base;
    if (begin < 0 || begin + hi * 2 ** address.shift + width > memory.minBytes) return false;
    counts.range++;
    return true;
  }
  const index = plus(address, -memory.base);
  const { hi, extent } = point.state.boundOf(index);
  if (hi + width <= memory.minBytes) {
    if (index.symbol === 0) counts.constant++;
    else if (isCompared(point, index)) counts.checked++;
    else counts.range++;
    return true;
  }
  if (extent < width) return false;
  counts.checked++;
  return true;
}

/** Is it for the module to see that the access stays in its memory? Only where the address depends on what it computes. */
function isTrusted({ proof: { facts, osrFrame } }: Point, address: Value | ScaledAddress): boolean {
  return facts.memory?.isTrusted === true && ('shift' in address || (address.symbol !== 0 && address.symbol !== osrFrame));
}

/** Did a comparison, not the computation alone, bound the number? For the statistics only. */
function isCompared(point: Point, index: Value): boolean {
  return [...point.state.factOf(index.symbol).bounds.keys()].some((c) => c !== 0) || point.state.factOf(index.symbol).bounds.size > 1;
}

function isElement(point: Point, { record, elements, count }: TableFact, address: Value | ScaledAddress): boolean {
  const index = indexOf(point, elements, address);
  if (index === undefined) return false;
  const { below, hi } = point.state.boundOf(index);
  return below === record || hi < count;
}

/** The index of the word at elements + 4 * index. */
function indexOf(point: Point, elements: number, address: Value | ScaledAddress): Value | undefined {
  if ('shift' in address) return address.base === elements && address.shift === 2 ? address.index : undefined;
  const distance = (address.add - elements) >>> 0;
  if (address.symbol === 0) return distance % 4 === 0 ? constant(distance / 4) : undefined;
  const { origin } = point.state.factOf(address.symbol);
  return distance === 0 && origin?.kind === 'scaled' && origin.shift === 2 ? origin.of : undefined;
}

/** A word of the slot behind a function reference that has been compared with null. */
function isSlotWord(point: Point, { symbol, add }: Value): boolean {
  if (add !== 0 && add !== typeOffset) return false;
  return point.state.factOf(symbol).origin?.kind === 'element' && point.state.boundOf({ symbol, add: 0 }).lo > 0;
}

function describe(point: Point, address: Value | ScaledAddress): string {
  const { memory } = point.proof.facts;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  if ('shift' in address) return `base ${hex(address.base)}, index up to ${hex(point.state.boundOf(address.index).hi)} << ${address.shift}`;
  if (address.symbol === 0) return `constant address ${hex(address.add)}`;
  const { hi, extent } = point.state.boundOf(plus(address, -(memory?.base ?? 0)));
  return `index up to ${hex(hi)}, checked extent ${extent} bytes, memory of ${memory?.minBytes ?? 0} bytes`;
}
