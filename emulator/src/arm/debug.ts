import { RegisterBlock } from '../machine/register-block.js';
import type { RegisterDescription } from '../machine/register-block.js';
import type { Timeline } from '../machine/timeline.js';
import type { ArmCore } from './cores.js';

const traceEnable = 1 << 24;
const monitorEnable = 1 << 16;
const cycleCounterEnable = 1;

/**
 * What firmware without a debugger sees of the debug components: DHCSR and DEMCR in the register space, the cycle counter of DWT, and an
 * ITM that takes all that is written and is always ready (Armv7-M ARM, C1). There are no comparators.
 */
export class DebugComponents {
  readonly state = { demcr: 0, control: 0, cycles: 0, since: 0 };
  readonly dwt: RegisterBlock;
  readonly itm: RegisterBlock;
  readonly #timeline: Timeline;
  readonly #core: ArmCore;
  /** A byte, halfword or word of stimulus port `port`, while ITM and the port are enabled. */
  onStimulus: (port: number, value: number) => void = () => undefined;

  constructor(timeline: Timeline, core: ArmCore, warn: (message: string) => void) {
    this.#timeline = timeline;
    this.#core = core;
    this.dwt = new RegisterBlock({ registers: this.#dwtRegisters(), warn });
    const itm: RegisterBlock = new RegisterBlock({ registers: this.#itmRegisters(() => itm), warn });
    this.itm = itm;
  }

  reset(): void {
    Object.assign(this.state, { demcr: 0, control: 0, cycles: 0, since: this.#timeline.now });
    this.dwt.reset();
    this.itm.reset();
  }

  get monitorEnabled(): boolean {
    return (this.state.demcr & monitorEnable) !== 0;
  }

  get #counting(): boolean {
    return (this.state.demcr & traceEnable) !== 0 && (this.state.control & cycleCounterEnable) !== 0;
  }

  #settle(): void {
    const { state } = this;
    const { now } = this.#timeline;
    if (this.#counting) state.cycles = (state.cycles + now - state.since) % 2 ** 32;
    state.since = now;
  }

  #dwtRegisters(): RegisterDescription[] {
    const { state } = this;
    // NOTRCPKT, NOEXTTRIG, NOPRFCNT: only the cycle counter is there; on Armv6-M not even that.
    const features = this.#core.version === 6 ? 0 : 0x0d00_0000;
    const counters = ['CPICNT', 'EXCCNT', 'SLEEPCNT', 'LSUCNT', 'FOLDCNT'];
    const registers: RegisterDescription[] = [
      {
        name: 'DWT_CTRL',
        offset: 0,
        writable: this.#core.version === 6 ? 0 : cycleCounterEnable,
        read: () => features | state.control,
        write: (stored) => {
          this.#settle();
          state.control = stored & cycleCounterEnable;
        },
      },
    ];
    if (this.#core.version === 6) return registers;
    return [
      ...registers,
      {
        name: 'DWT_CYCCNT',
        offset: 4,
        read: () => {
          this.#settle();
          return state.cycles;
        },
        write: (stored) => {
          this.#settle();
          state.cycles = stored;
        },
      },
      ...counters.map((name, index): RegisterDescription => ({ name: `DWT_${name}`, offset: 8 + 4 * index, writable: 0 })),
      { name: 'DWT_PCSR', offset: 0x1c, access: 'ro' },
      { name: 'DWT_LAR', offset: 0xfb0, access: 'wo' },
      { name: 'DWT_LSR', offset: 0xfb4, access: 'ro' },
    ];
  }

  #itmRegisters(block: () => RegisterBlock): RegisterDescription[] {
    return [
      {
        name: 'ITM_STIM',
        offset: 0,
        count: 32,
        read: () => 1,
        write: (_, _before, written, index) => {
          const enabled = (block().get('ITM_TCR') & 1) !== 0 && (block().get('ITM_TER') & (1 << index)) !== 0;
          if (enabled) this.onStimulus(index, written);
        },
      },
      { name: 'ITM_TER', offset: 0xe00 },
      { name: 'ITM_TPR', offset: 0xe40, writable: 0xf },
      { name: 'ITM_TCR', offset: 0xe80, writable: 0x007f_0f1f },
      { name: 'ITM_LAR', offset: 0xfb0, access: 'wo' },
      { name: 'ITM_LSR', offset: 0xfb4, access: 'ro' },
    ];
  }

  /** Of the register space at 0xE000E000. Without a debugger DHCSR reads 0 and cannot be switched on by firmware. */
  get registers(): RegisterDescription[] {
    const { state } = this;
    return [
      { name: 'DHCSR', offset: 0xdf0, writable: 0 },
      { name: 'DCRSR', offset: 0xdf4, access: 'wo' },
      { name: 'DCRDR', offset: 0xdf8 },
      {
        name: 'DEMCR',
        offset: 0xdfc,
        writable: 0x010f_07f1,
        read: () => state.demcr,
        write: (stored) => {
          this.#settle();
          state.demcr = stored;
        },
      },
    ];
  }
}
