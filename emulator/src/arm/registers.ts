import { mProfile } from '@fireball/unicorn.js';
import type { Unicorn } from '@fireball/unicorn.js';

/** Bits of the xPSR. */
export const xpsr = {
  number: 0x1ff,
  /** In a stacked one: SP was moved by 4 for alignment. */
  aligned: 1 << 9,
  thumb: 1 << 24,
  /** ITSTATE[7:2] and [1:0]. */
  it: 0x0600_fc00,
} as const;

/** Bits of CONTROL. */
export const control = { unprivileged: 1, processStack: 2, floatsActive: 4 } as const;

/**
 * The CPU's registers, as far as exceptions are about them. They are read and written all at once: `load` where they may have changed,
 * `store` before the CPU goes on.
 */
export class CoreRegisters {
  readonly #engine: Unicorn;
  readonly words: Uint32Array;
  readonly #hasFloats: boolean;
  #loaded = false;
  #changed = false;
  #floatsLoaded = false;

  constructor(engine: Unicorn, hasFloats: boolean) {
    this.#engine = engine;
    this.#hasFloats = hasFloats;
    this.words = engine.m_profile_state;
  }

  load(): Uint32Array {
    if (!this.#loaded) {
      this.#engine.m_profile_read();
      this.#loaded = true;
    }
    return this.words;
  }

  /** Those of the FPU as well. */
  loadFloats(): Uint32Array {
    if (!this.#floatsLoaded && this.#hasFloats) {
      if (this.#changed) this.#flush();
      this.#engine.m_profile_read(true);
      this.#loaded = true;
      this.#floatsLoaded = true;
    }
    return this.load();
  }

  /** To change: `store` writes them back. */
  edit(): Uint32Array {
    this.#changed = true;
    return this.load();
  }

  #flush(): void {
    this.#engine.m_profile_write(this.#floatsLoaded);
    this.#changed = false;
  }

  /** Before the CPU runs. */
  store(): void {
    if (this.#changed) this.#flush();
    this.#loaded = false;
    this.#floatsLoaded = false;
  }

  /** After the CPU ran: what a device's callback has read of a CPU in motion is out of date. */
  forget(): void {
    this.#changed = false;
    this.store();
  }

  get(index: number): number {
    return this.load()[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.edit()[index] = value;
  }

  get pc(): number {
    return this.get(mProfile.pc);
  }

  get control(): number {
    return this.get(mProfile.control);
  }

  get xpsr(): number {
    return this.get(mProfile.xpsr);
  }

  /** Behind a conditional instruction: ITSTATE of the next one (Armv7-M ARM, ITAdvance). */
  advanceIt(): void {
    const before = this.xpsr;
    const state = ((before >>> 25) & 3) | ((before >>> 8) & 0xfc);
    if (state === 0) return;
    const after = (state & 7) === 0 ? 0 : (state & 0xe0) | ((state << 1) & 0x1f);
    this.set(mProfile.xpsr, ((before & ~xpsr.it) | ((after & 3) << 25) | ((after & 0xfc) << 8)) >>> 0);
  }
}

/** Names for debuggers and reports, and where they are in the words. */
export const registerIndices: ReadonlyMap<string, number> = new Map<string, number>([
  ...Array.from({ length: 13 }, (_, n): [string, number] => [`r${n}`, n]),
  ['lr', mProfile.lr],
  ['pc', mProfile.pc],
  ['xpsr', mProfile.xpsr],
  ['msp', mProfile.msp],
  ['psp', mProfile.psp],
  ['control', mProfile.control],
  ['primask', mProfile.primask],
  ['basepri', mProfile.basepri],
  ['faultmask', mProfile.faultmask],
]);

/** With an FPU. */
export const floatIndices: ReadonlyMap<string, number> = new Map<string, number>([
  ['fpscr', mProfile.fpscr],
  ...Array.from({ length: 32 }, (_, n): [string, number] => [`s${n}`, mProfile.floats + n]),
]);

/** Armv8-M: the limits of MSP and PSP, in their order. */
export const limitNames = ['msplim', 'psplim'];
