import type { Clock, Clocks } from '../machine/clocks.js';
import { TickCounter } from '../machine/clocks.js';
import type { RegisterDescription } from '../machine/register-block.js';
import type { Timeline, Timer } from '../machine/timeline.js';

const enable = 1;
const tickInterrupt = 2;
const processorClock = 4;
const countFlag = 0x1_0000;

/**
 * SysTick (Armv7-M ARM, B3.3): counts down from RELOAD to 0 and reloads with the next tick. Its value is worked out where it is asked for;
 * a timer waits for the next zero only while that matters.
 */
export class SysTick {
  readonly state = {
    control: 0,
    reload: 0,
    /** Value when the counter had `since` ticks. */
    value: 0,
    since: 0,
    /** COUNTFLAG, as far as it was settled. */
    flag: false,
  };
  readonly #processorTicks: TickCounter;
  readonly #referenceTicks: TickCounter | undefined;
  readonly #timer: Timer;
  readonly #reference: Clock | undefined;
  readonly #interrupt: () => void;

  constructor(timeline: Timeline, clocks: Clocks, reference: Clock | undefined, interrupt: () => void) {
    this.#reference = reference;
    this.#interrupt = interrupt;
    this.#processorTicks = new TickCounter(clocks, clocks.cpu);
    this.#referenceTicks = reference === undefined ? undefined : new TickCounter(clocks, reference);
    this.#timer = timeline.timer(() => {
      this.#settle();
      this.#schedule();
    });
    const reschedule = (): void => {
      this.#schedule();
    };
    clocks.cpu.afterChange(reschedule);
    reference?.afterChange(reschedule);
  }

  /** Plain data of the counters too. */
  get counters(): readonly object[] {
    return [this.#processorTicks.state, ...(this.#referenceTicks === undefined ? [] : [this.#referenceTicks.state])];
  }

  get #ticks(): TickCounter {
    return this.#referenceTicks === undefined || (this.state.control & processorClock) !== 0 ? this.#processorTicks : this.#referenceTicks;
  }

  reset(): void {
    Object.assign(this.state, { control: 0, reload: 0, value: 0, since: 0, flag: false });
    for (const ticks of [this.#processorTicks, this.#referenceTicks]) ticks?.restart(0, { running: false });
    this.#timer.clear();
  }

  /** Brings `value` up to now, and says what the zeros that have passed ask for. */
  #settle(): void {
    const { state } = this;
    const ticks = this.#ticks.ticks;
    const passed = ticks - state.since;
    if (passed === 0) return;
    state.since = ticks;
    const behind = passed - state.value;
    const period = state.reload + 1;
    if (behind < 0) {
      state.value -= passed;
      return;
    }
    const reachedZero = state.value > 0 || (state.reload > 0 && behind >= period);
    const place = behind % period;
    state.value = place === 0 ? 0 : period - place;
    if (!reachedZero) return;
    state.flag = true;
    if ((state.control & tickInterrupt) !== 0) this.#interrupt();
  }

  #schedule(): void {
    const { state } = this;
    const running = (state.control & enable) !== 0 && (state.value > 0 || state.reload > 0);
    if (!running || (state.control & tickInterrupt) === 0) {
      this.#timer.clear();
      return;
    }
    const left = state.value > 0 ? state.value : state.reload + 1;
    this.#timer.set(this.#ticks.cycleOf(state.since + left));
  }

  #changeControl(control: number): void {
    const { state } = this;
    this.#settle();
    const before = this.#ticks;
    before.run(false);
    state.control = this.#reference === undefined ? control | processorClock : control;
    const after = this.#ticks;
    if (after !== before) state.since = after.ticks;
    after.run((state.control & enable) !== 0);
    this.#schedule();
  }

  /** CALIB: whether there is no reference clock, and how many of its ticks are 10 ms. */
  get #calibration(): number {
    if (this.#reference === undefined) return 0x8000_0000;
    const tenMilliseconds = Math.floor(this.#reference.hertz / 100);
    return tenMilliseconds > 0 ? (tenMilliseconds - 1) & 0xff_ffff : 0;
  }

  get registers(): RegisterDescription[] {
    const { state } = this;
    return [
      {
        name: 'SYST_CSR',
        offset: 0x10,
        fields: { ENABLE: [0, 0], TICKINT: [1, 1], CLKSOURCE: [2, 2], COUNTFLAG: [16, 16] },
        read: () => {
          this.#settle();
          const value = state.control | (state.flag ? countFlag : 0);
          state.flag = false;
          return value;
        },
        write: (stored) => {
          this.#changeControl(stored & 7);
        },
      },
      {
        name: 'SYST_RVR',
        offset: 0x14,
        writable: 0xff_ffff,
        read: () => state.reload,
        write: (stored) => {
          this.#settle();
          state.reload = stored;
          this.#schedule();
        },
      },
      {
        name: 'SYST_CVR',
        offset: 0x18,
        read: () => {
          this.#settle();
          return state.value;
        },
        write: () => {
          this.#settle();
          state.value = 0;
          state.flag = false;
          this.#schedule();
        },
      },
      { name: 'SYST_CALIB', offset: 0x1c, access: 'ro', read: () => this.#calibration },
    ];
  }
}
