import type { DeviceEnvironment } from '../../machine/device.js';
import type { RegisterDescription } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

/** TIM5's TI4_RMP: 0 is the pin, 3 the wake-up of the RTC, which comes never here. */
const [LSI, LSE] = [1, 2] as const;

/**
 * The option register of TIM2, TIM5 and TIM11 of F2 and F4 (RM0090, TIM2_OR, TIM5_OR and TIM11_OR). With TI4_RMP, TIM5 measures LSI or LSE at its fourth
 * input; with ITR1_RMP, TIM2 listens to Ethernet or USB, which tell nothing here, in place of TIM8. TIM11's input stays its pin.
 */
export class TimerOption {
  readonly #alarms: readonly (readonly [source: number, alarm: TickAlarm])[];
  /** The parameter `option`. */
  readonly timer: string;
  /** Plain data, for snapshots. */
  readonly state: { level: boolean; readonly alarms: readonly object[] };

  constructor(
    environment: DeviceEnvironment,
    /** The register, and whether channel 4 captures. */
    readonly control: { readonly or: () => number; readonly captures: () => boolean },
    /** The fourth input has another level. */
    readonly changed: () => void,
  ) {
    this.timer = environment.text('option');
    const clocks = [
      [LSI, 'lsi'],
      [LSE, 'lse'],
    ] as const;
    this.#alarms = (this.timer === 'tim5' ? clocks : []).map(([source, clock]) => {
      const alarm = new TickAlarm(environment, environment.clock(clock), () => {
        alarm.set(alarm.ticks + 1);
        for (const level of [true, false]) {
          this.state.level = level;
          this.changed();
        }
      });
      return [source, alarm];
    });
    this.state = { level: false, alarms: this.#alarms.map(([, { state }]) => state) };
  }

  registers(written: () => void): readonly RegisterDescription[] {
    const writable = { tim2: 0xc00, tim5: 0xc0, tim11: 3 }[this.timer];
    return writable === undefined ? [] : [{ name: 'OR', offset: 0x50, writable, write: written }];
  }

  get #source(): number {
    return this.timer === 'tim5' ? (this.control.or() >>> 6) & 3 : 0;
  }

  /** Does an internal trigger come from the timer that the manual's table says? */
  hearsTimer(trigger: number): boolean {
    return this.timer !== 'tim2' || trigger !== 1 || (this.control.or() & 0xc00) === 0;
  }

  /** The level of an input, where it is not its pin's. */
  input(channel: number): boolean | undefined {
    return channel !== 3 || this.#source === 0 ? undefined : this.state.level;
  }

  /** Edges come while somebody captures them. */
  attend(): void {
    if (this.#alarms.length === 0) return;
    const source = this.control.captures() ? this.#source : 0;
    for (const [number, alarm] of this.#alarms) {
      if (alarm.counter.running === (number === source)) continue;
      alarm.restart(0, { running: number === source });
      alarm.set(number === source ? 1 : Infinity);
    }
  }

  reset(): void {
    this.state.level = false;
    this.attend();
  }
}
