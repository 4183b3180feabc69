import type { RegisterDescription } from '../machine/register-block.js';
import type { ArmCore } from './cores.js';

const automaticState = 0x8000_0000;
const lazyState = 0x4000_0000;

/**
 * Registers of the floating-point extension (Armv7-M ARM, B3.2.20 to B3.2.23). The registers of a frame are stored when it is made, so that
 * no frame is ever waiting for them: FPCCR.LSPACT stays 0.
 */
export class FloatingPointUnit {
  readonly state = { fpccr: 0, fpcar: 0, fpdscr: 0 };
  readonly #core: ArmCore;
  /** FPCCR or FPDSCR were written. */
  onChange: () => void = () => undefined;

  constructor(core: ArmCore) {
    this.#core = core;
    this.reset();
  }

  reset(): void {
    Object.assign(this.state, { fpccr: (automaticState | lazyState) >>> 0, fpcar: 0, fpdscr: 0 });
    if (this.#core.floats) this.onChange();
  }

  get registers(): RegisterDescription[] {
    if (!this.#core.floats) return [];
    const { state } = this;
    const stored = (name: string, offset: number, key: 'fpccr' | 'fpcar' | 'fpdscr', writable: number): RegisterDescription => ({
      name,
      offset,
      writable,
      read: () => state[key],
      write: (value) => {
        state[key] = key === 'fpccr' ? (value & (automaticState | lazyState)) >>> 0 : value;
        this.onChange();
      },
    });
    return [
      stored('FPCCR', 0xf34, 'fpccr', 0xffff_ffff),
      stored('FPCAR', 0xf38, 'fpcar', 0xffff_fff8),
      stored('FPDSCR', 0xf3c, 'fpdscr', 0x07c0_0000),
      ...this.#core.floatFeatures.map((reset, index): RegisterDescription => ({ name: `MVFR${index}`, offset: 0xf40 + 4 * index, access: 'ro', reset })),
    ];
  }
}
