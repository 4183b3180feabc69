import type { DeviceEnvironment } from '../../machine/device.js';
import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

/** Registers that say which requests are made. */
interface RequestRegisters {
  readonly dier: () => number;
  readonly cr2: () => number;
  readonly dcr: () => number;
}

/** What asks, by its bit in SR and, 8 above it, in DIER: update, CC1 to CC4, commutation, trigger. */
const events = ['up', 'ch1', 'ch2', 'ch3', 'ch4', 'com', 'trig'];

/**
 * DMA requests of a timer of STM32 (RM0090 18.3.21, 18.4.4, 18.4.17): each is a pulse of one of its pins `dma-up`, `dma-ch1` to `dma-ch4`, `dma-com`
 * and `dma-trig`, for one item. DCR makes more of one: with every access of DMAR it is made again.
 */
export class TimerRequests {
  /** Plain data, for snapshots: which transfer of a burst is next. */
  readonly state = { burst: 0 };
  readonly #pins;
  /** Within a request: it is to be made, at first or because DMAR has been accessed and a transfer of the burst is missing. */
  #again = false;

  constructor(
    environment: DeviceEnvironment,
    readonly control: RequestRegisters,
    /** Has something done as soon as the counter stands where it will stay. */
    readonly later: (action: () => void) => void,
  ) {
    this.#pins = events.map((event) => environment.pin(`dma-${event}`));
  }

  reset(): void {
    this.state.burst = 0;
  }

  /** Something has happened that may ask. */
  event(bit: number): void {
    // CCDS: requests of channels come with the update event.
    const withUpdate = (this.control.cr2() & 8) !== 0;
    if (!withUpdate || bit === 0 || bit > 4) this.#ask(bit);
    if (withUpdate && bit === 0) for (const channel of [1, 2, 3, 4]) this.#ask(channel);
  }

  #ask(bit: number): void {
    if (((this.control.dier() >>> (8 + bit)) & 1) === 0) return;
    this.later(() => {
      this.state.burst = 0;
      this.#again = true;
      while (this.#isAskedAgain()) this.#pins[bit]?.pulse();
    });
  }

  #isAskedAgain(): boolean {
    const again = this.#again;
    this.#again = false;
    return again;
  }

  /** DCR, and DMAR that leads to the registers from DBA on, one after the other. */
  registers(block: () => RegisterBlock): readonly RegisterDescription[] {
    const offset = (): number => ((this.control.dcr() & 0x1f) + this.state.burst) * 4;
    return [
      {
        name: 'DCR',
        offset: 0x48,
        writable: 0x1f1f,
        write: () => {
          this.reset();
        },
      },
      {
        name: 'DMAR',
        offset: 0x4c,
        read: () => {
          const found = block().read(offset(), 4);
          this.#nextOfBurst();
          return found;
        },
        write: (_stored, _before, written) => {
          block().write(offset(), 4, written);
          this.#nextOfBurst();
        },
      },
    ];
  }

  #nextOfBurst(): void {
    this.#again = this.state.burst < this.control.dcr() >>> 8;
    this.state.burst = this.#again ? this.state.burst + 1 : 0;
  }
}
