import { InternalError } from '@fireball/contracts';
import { powerOn, type AccessSize, type Device, type ResetCause } from './device.js';

/** A field of a register: bits `high` down to `low`. */
type FieldBits = readonly [high: number, low: number];

/** A register as the manual describes it. Fields and reserved bits are what is left out of `writable`. */
export interface RegisterDescription {
  readonly name: string;
  readonly offset: number;
  /** 32 where nothing is said. */
  readonly width?: 8 | 16 | 32;
  /** `rw` where nothing is said; `w1c`: ones clear bits. A read of `wo` gives 0, a write to `ro` is ignored; both are logged. */
  readonly access?: 'rw' | 'ro' | 'wo' | 'w1c';
  readonly reset?: number;
  /** Only power-on gives it its reset value. */
  readonly lasting?: true;
  /** Bits that a write changes; all of the width where nothing is said. */
  readonly writable?: number;
  readonly fields?: Readonly<Record<string, FieldBits>>;
  /** How many of them follow each other, `stride` bytes apart (the width's where nothing is said); callbacks are told which. */
  readonly count?: number;
  readonly stride?: number;
  /** After `read` gave this value: does it go on giving it (`Device.isSteady`)? A register without `read` does. */
  readonly steady?: true | ((value: number) => boolean);
  /** A read is noted, though it goes on giving the same: a debugger does not read it. */
  readonly noted?: true;
  /** Takes the place of the stored value. */
  readonly read?: (stored: number, index: number) => number;
  /** After the value has been stored; `written` is the raw bus value, in the register's position. */
  readonly write?: (stored: number, before: number, written: number, index: number) => void;
}

interface Slot {
  readonly description: RegisterDescription;
  readonly index: number;
  /** Index into the values. */
  readonly at: number;
  readonly mask: number;
  readonly writable: number;
}

/** The register of an access, and the bit in it at which the access begins. */
interface Found {
  readonly slot: Slot;
  readonly shift: number;
}

interface RegisterBlockOptions {
  readonly registers: readonly RegisterDescription[];
  /** What an access between registers does; it reads 0 and is logged where nothing is said. */
  readonly warn?: (message: string) => void;
  /** Called at reset, after the registers have their reset values. */
  readonly reset?: (cause: ResetCause) => void;
  readonly restored?: () => void;
  /** More that changes, beside the registers' values. Kept in the block's `state` under `extra`. */
  readonly extra?: object;
}

/**
 * A device that is its registers. Byte and halfword accesses reach the bytes of a word that they name, as on APB with byte lanes;
 * a narrow write keeps the other bytes' stored value.
 */
export class RegisterBlock implements Device {
  readonly state: { readonly values: Uint32Array; readonly extra: object };
  readonly #slots = new Map<number, Found>();
  readonly #options: RegisterBlockOptions;
  readonly #byName = new Map<string, Slot>();

  constructor(options: RegisterBlockOptions) {
    this.#options = options;
    let at = 0;
    for (const description of options.registers) {
      const { name, offset, width = 32, count = 1, stride = width / 8, access = 'rw' } = description;
      const mask = width === 32 ? 0xffff_ffff : 2 ** width - 1;
      for (let index = 0; index < count; index++) {
        const slot = { description, index, at: at++, mask, writable: access === 'ro' ? 0 : (description.writable ?? mask) & mask };
        this.#slots.set(offset + index * stride, { slot, shift: 0 });
        this.#byName.set(count === 1 ? name : `${name}${index}`, slot);
      }
    }
    this.state = { values: new Uint32Array(at), extra: options.extra ?? {} };
    this.#setResetValues(powerOn);
  }

  #setResetValues({ kind }: ResetCause): void {
    for (const {
      slot: { description, at },
    } of this.#slots.values()) {
      if (kind === 'power-on' || description.lasting !== true) this.state.values[at] = description.reset ?? 0;
    }
  }

  reset(cause = powerOn): void {
    this.#setResetValues(cause);
    this.#options.reset?.(cause);
  }

  restored(): void {
    this.#options.restored?.();
  }

  /** The stored value of a register, `NAME` or `NAME3`. */
  get(name: string): number {
    return this.state.values[this.#slot(name).at] ?? 0;
  }

  /** Stores without effects. */
  set(name: string, value: number): void {
    const { at, mask } = this.#slot(name);
    this.state.values[at] = value & mask;
  }

  /** A field of a register's stored value. */
  field(name: string, field: string): number {
    const bits = this.#slot(name).description.fields?.[field];
    if (bits === undefined) throw new InternalError(`register ${name} has no field ${field}`);
    const [high, low] = bits;
    return (this.get(name) >>> low) & (2 ** (high - low + 1) - 1);
  }

  #slot(name: string): Slot {
    const slot = this.#byName.get(name);
    if (slot === undefined) throw new InternalError(`there is no register ${name}`);
    return slot;
  }

  #find(offset: number): Found | undefined {
    const exact = this.#slots.get(offset);
    if (exact !== undefined) return exact;
    for (const start of [offset & ~1, offset & ~3]) {
      const slot = this.#slots.get(start)?.slot;
      const shift = (offset - start) * 8;
      if (slot !== undefined && shift < (slot.description.width ?? 32)) return { slot, shift };
    }
    return undefined;
  }

  /** How the register at an offset is accessed; undefined: there is none. */
  accessAt(offset: number): NonNullable<RegisterDescription['access']> | undefined {
    const slot = this.#find(offset)?.slot;
    return slot === undefined ? undefined : (slot.description.access ?? 'rw');
  }

  isSteady(offset: number, value: number): boolean {
    const found = this.#find(offset);
    if (found === undefined) return false;
    const { read, steady } = found.slot.description;
    return read === undefined || steady === true || (steady !== undefined && found.shift === 0 && steady(value));
  }

  /** Registers without `read` are what is stored; a steady one computes what it gives from that alone. */
  peek(offset: number, size: AccessSize): number | undefined {
    const description = this.#find(offset)?.slot.description;
    if (description === undefined || description.noted === true) return undefined;
    return description.read === undefined || description.steady === true ? this.read(offset, size) : undefined;
  }

  registerAt(offset: number): string | undefined {
    const slot = this.#find(offset)?.slot;
    return slot === undefined ? undefined : (slot.description.count ?? 1) === 1 ? slot.description.name : `${slot.description.name}${slot.index}`;
  }

  fieldAt(offset: number, bit: number): string | undefined {
    const found = this.#find(offset);
    if (found === undefined) return undefined;
    const at = bit + found.shift;
    return Object.entries(found.slot.description.fields ?? {}).find(([, [high, low]]) => at >= low && at <= high)?.[0];
  }

  read(offset: number, size: AccessSize): number {
    const found = this.#find(offset);
    if (found === undefined) {
      this.#options.warn?.(`read of nothing at offset 0x${offset.toString(16)}`);
      return 0;
    }
    const { slot, shift } = found;
    if (slot.description.access === 'wo' && slot.description.read === undefined) return 0;
    const stored = this.state.values[slot.at] ?? 0;
    const value = slot.description.read === undefined ? stored : slot.description.read(stored, slot.index);
    const bits = size === 4 || size === 8 ? 0xffff_ffff : 2 ** (size * 8) - 1;
    return (((value & slot.mask) >>> shift) & bits) >>> 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    const found = this.#find(offset);
    if (found === undefined) {
      this.#options.warn?.(`write of 0x${value.toString(16)} to nothing at offset 0x${offset.toString(16)}`);
      return;
    }
    const { slot, shift } = found;
    const { description, at, index, mask } = slot;
    const lanes = (size >= 4 ? mask : ((2 ** (size * 8) - 1) << shift) & mask) >>> 0;
    const written = ((value << shift) & lanes) >>> 0;
    if (description.access === 'ro') {
      this.#options.warn?.(`write of 0x${value.toString(16)} to the read-only ${description.name}`);
      return;
    }
    const before = this.state.values[at] ?? 0;
    const changed = slot.writable & lanes;
    const after = description.access === 'w1c' ? before & ~(written & changed) : (before & ~changed) | (written & changed);
    this.state.values[at] = after;
    description.write?.(after >>> 0, before, written, index);
  }
}
