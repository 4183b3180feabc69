import type { RegisterDescription } from '../machine/register-block.js';

const enable = 1;
const enableInHardFault = 2;
const privilegedDefault = 4;

/** A right of a region: does it permit the access? */
interface Access {
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
}

/**
 * The memory protection unit: its registers, and what they permit (PMSAv7: Armv7-M ARM, B3.5; PMSAv8: Armv8-M ARM, B11). libunicorn enforces
 * them for the program; the exception model asks `allows` for the stack.
 */
export class MemoryProtection {
  readonly state: { control: number; region: number; readonly bases: Uint32Array; readonly limits: Uint32Array; readonly attributes: Uint32Array };
  readonly regions: number;
  readonly #version: 6 | 7 | 8;
  /** Something that decides about rights was written. */
  onChange: () => void = () => undefined;

  /** @param version of the architecture; PMSAv6 is PMSAv7 with regions of 256 bytes and more, one memory type and no aliases (Armv6-M ARM, B3.5) */
  constructor(version: 6 | 7 | 8, regions: number) {
    this.#version = version;
    this.regions = regions;
    // MPU_RBAR, and MPU_RASR or MPU_RLAR, of each region; MPU_MAIR0 and 1.
    this.state = { control: 0, region: 0, bases: new Uint32Array(regions), limits: new Uint32Array(regions), attributes: new Uint32Array(2) };
  }

  reset(): void {
    const { state } = this;
    state.control = 0;
    state.region = 0;
    for (const words of [state.bases, state.limits, state.attributes]) words.fill(0);
    this.onChange();
  }

  get enabled(): boolean {
    return (this.state.control & enable) !== 0;
  }

  /** Is it at work at a negative priority: in HardFault and NMI? */
  get enabledInHardFault(): boolean {
    return this.enabled && (this.state.control & enableInHardFault) !== 0;
  }

  /** The first addresses of the library's pages that subregions divide. */
  dividedPages(pageSize: number): Uint32Array {
    const pages = new Set<number>();
    this.state.limits.forEach((attributes, region) => {
      const bits = ((attributes >>> 1) & 31) + 1;
      const subregions = this.#version !== 8 && bits >= 8 && (attributes & 0xff01) > 1 && (attributes & 1) === 1;
      if (!this.enabled || !subregions || 2 ** (bits - 3) >= pageSize) return;
      const begin = sizeAligned(this.state.bases[region] ?? 0, bits);
      for (let page = begin - (begin % pageSize); page < begin + 2 ** bits; page += pageSize) pages.add(page);
    });
    return Uint32Array.from(pages);
  }

  /** May data at an address be accessed? */
  allows(address: number, write: boolean, privileged: boolean): boolean {
    return this.#permits(address >>> 0, { write, execute: false, privileged });
  }

  #permits(address: number, access: Access): boolean {
    // The private peripheral bus is always there, for privileged code.
    if (!this.enabled || address >>> 20 === 0xe00) return true;
    const region = this.#version === 8 ? this.#findV8(address) : this.#findV7(address);
    if (region === undefined) return access.privileged && (this.state.control & privilegedDefault) !== 0;
    if (region === 'several') return false;
    return this.#version === 8 ? permitsV8(this.state.bases[region] ?? 0, access) : permitsV7(this.state.limits[region] ?? 0, access);
  }

  /** The highest region that has the address, in a subregion that is not disabled. */
  #findV7(address: number): number | undefined {
    for (let region = this.regions - 1; region >= 0; region--) {
      const attributes = this.state.limits[region] ?? 0;
      const bits = ((attributes >>> 1) & 31) + 1;
      if ((attributes & 1) === 0 || bits < 5) continue;
      const offset = address - sizeAligned(this.state.bases[region] ?? 0, bits);
      if (offset < 0 || offset >= 2 ** bits) continue;
      if (bits >= 8 && (attributes & (1 << (8 + Math.floor(offset / 2 ** (bits - 3))))) !== 0) continue;
      return region;
    }
    return undefined;
  }

  /** Regions that overlap permit nothing where they do. */
  #findV8(address: number): number | 'several' | undefined {
    let found: number | undefined;
    for (let region = 0; region < this.regions; region++) {
      const limit = this.state.limits[region] ?? 0;
      if ((limit & 1) === 0) continue;
      const begin = ((this.state.bases[region] ?? 0) & ~31) >>> 0;
      if (address < begin || address > (limit | 31) >>> 0) continue;
      if (found !== undefined) return 'several';
      found = region;
    }
    return found;
  }

  #writeBase(region: number, value: number): void {
    const { state } = this;
    if (this.#version === 8) {
      state.bases[region] = value;
    } else {
      const valid = (value & 0x10) !== 0;
      if (valid) state.region = value & 15;
      const target = valid ? state.region : region;
      if (target < this.regions) state.bases[target] = value & ~(this.#version === 6 ? 0xff : 31);
    }
    this.onChange();
  }

  #writeLimit(region: number, value: number): void {
    const writable = { 6: 0x1707_ff3f, 7: 0x173f_ff3f, 8: 0xffff_ffff }[this.#version];
    if (region < this.regions) this.state.limits[region] = (value & writable) >>> 0;
    this.onChange();
  }

  get registers(): RegisterDescription[] {
    const { state } = this;
    const registers: RegisterDescription[] = [{ name: 'MPU_TYPE', offset: 0xd90, access: 'ro', reset: this.regions << 8 }];
    if (this.regions === 0) return registers;
    // Of Armv8-M the aliases are those of the group of four regions.
    const regionOf = (alias: number): number => (this.#version === 8 && alias > 0 ? (state.region & ~3) + alias : state.region);
    const pair = (alias: number): RegisterDescription[] => [
      {
        name: alias === 0 ? 'MPU_RBAR' : `MPU_RBAR_A${alias}`,
        offset: 0xd9c + 8 * alias,
        read: () => (state.bases[regionOf(alias)] ?? 0) | (this.#version === 8 ? 0 : state.region),
        write: (_, _before, written) => {
          this.#writeBase(regionOf(alias), written);
        },
      },
      {
        name: `${this.#version === 8 ? 'MPU_RLAR' : 'MPU_RASR'}${alias === 0 ? '' : `_A${alias}`}`,
        offset: 0xda0 + 8 * alias,
        read: () => state.limits[regionOf(alias)] ?? 0,
        write: (value) => {
          this.#writeLimit(regionOf(alias), value);
        },
      },
    ];
    registers.push(
      {
        name: 'MPU_CTRL',
        offset: 0xd94,
        writable: 7,
        read: () => state.control,
        write: (value) => {
          state.control = value;
          this.onChange();
        },
      },
      {
        name: 'MPU_RNR',
        offset: 0xd98,
        writable: 0xff,
        read: () => state.region,
        write: (value) => {
          state.region = value;
        },
      },
      ...(this.#version === 6 ? [0] : [0, 1, 2, 3]).flatMap(pair),
    );
    if (this.#version === 8) {
      registers.push({
        name: 'MPU_MAIR',
        offset: 0xdc0,
        count: 2,
        read: (_, index) => state.attributes[index] ?? 0,
        write: (value, _before, _written, index) => {
          state.attributes[index] = value;
        },
      });
    }
    return registers;
  }
}

function sizeAligned(address: number, bits: number): number {
  return Math.floor(address / 2 ** bits) * 2 ** bits;
}

/** AP and XN of an MPU_RASR (Armv7-M ARM, table B3-15). */
function permitsV7(attributes: number, { write, execute, privileged }: Access): boolean {
  if (execute && (attributes & 0x1000_0000) !== 0) return false;
  switch ((attributes >>> 24) & 7) {
    case 1:
      return privileged;
    case 2:
      return privileged || !write;
    case 3:
      return true;
    case 5:
      return privileged && !write;
    case 6:
    case 7:
      return !write;
    default:
      return false;
  }
}

/** AP and XN of an MPU_RBAR (Armv8-M ARM, MPU_RBAR). */
function permitsV8(base: number, { write, execute, privileged }: Access): boolean {
  if (execute && (base & 1) !== 0) return false;
  const readOnly = (base & 4) !== 0;
  const everybody = (base & 2) !== 0;
  return (everybody || privileged) && !(readOnly && write);
}
