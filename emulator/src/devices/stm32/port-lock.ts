import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

/**
 * GPIOx_LCKR (RM0008 9.2.7, RM0090 8.4.8): writing LCKK as 1, 0, 1 with the same pins, then reading, freezes the configuration of these
 * pins until reset.
 */
export class PortLock {
  /** Plain data: how far the key has been written, the pins named by it, and those that are frozen. */
  readonly state = { step: 0, pins: 0, frozen: 0 };

  register(offset: number, block: () => RegisterBlock): RegisterDescription {
    return {
      name: 'LCKR',
      offset,
      writable: 0x1_ffff,
      read: () => {
        const { state } = this;
        if (state.step === 3) state.frozen |= state.pins;
        state.step = 0;
        return state.frozen === 0 ? block().get('LCKR') & 0xffff : 0x1_0000 | state.frozen;
      },
      write: (stored) => {
        const { state } = this;
        const key = (stored >>> 16) & 1;
        const pins = stored & 0xffff;
        if (state.frozen !== 0) block().set('LCKR', state.frozen);
        else if (state.step === 0 && key === 1) Object.assign(state, { step: 1, pins });
        else if (pins === state.pins && key === [0, 0, 1][state.step]) state.step++;
        else state.step = 0;
      },
    };
  }

  reset(): void {
    Object.assign(this.state, { step: 0, pins: 0, frozen: 0 });
  }

  /** Spreads the frozen pins over fields of `bits` bits for pins `first` and up, as a mask of a configuration register. */
  frozenFields(bits: number, first = 0): number {
    let mask = 0;
    for (let pin = first; pin < 16 && (pin - first) * bits < 32; pin++) {
      if ((this.state.frozen >>> pin) & 1) mask |= (2 ** bits - 1) << ((pin - first) * bits);
    }
    return mask >>> 0;
  }
}
