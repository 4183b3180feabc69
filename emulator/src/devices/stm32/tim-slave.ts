import type { DeviceEnvironment } from '../../machine/device.js';
import type { Pin } from '../../machine/signal.js';
import type { TimerOption } from './tim-option.js';

/** SMCR.SMS (RM0090 18.4.3): what the trigger input does to the counter; 1 to 3 are the encoder modes. */
const [RESET, GATED, TRIGGER, EXTERNAL] = [4, 5, 6, 7] as const;
/** SMCR.TS: ITR0 to ITR3 are 0 to 3. */
const [TI1F_ED, TI1FP1, TI2FP2, ETRF] = [4, 5, 6, 7] as const;

/** The counter, as the slave mode controller moves it. It has caught up with time before each of these. */
interface SlavedCounter {
  readonly settle: () => void;
  /** A trigger event: TIF and what it asks for. */
  readonly triggered: () => void;
  /** As UG does. */
  readonly reset: () => void;
  /** Sets CEN. */
  readonly start: () => void;
  /** The gate has opened or closed, or the clock is another one. */
  readonly clockChanged: () => void;
  /** An edge of an external clock, before the prescaler. */
  readonly clock: () => void;
  /** An edge of an encoder, before the prescaler. */
  readonly step: (down: boolean) => void;
  /** An active edge of TRC, which channels may capture. */
  readonly captureTrc: () => void;
}

/** Registers that it obeys, and what the option register leads elsewhere. */
interface SlaveRegisters {
  readonly smcr: () => number;
  readonly cr2: () => number;
  readonly ccer: () => number;
  readonly option: Pick<TimerOption, 'hearsTimer' | 'input'>;
}

/**
 * Trigger selection and slave mode controller of a timer of STM32 (RM0008 15.3.14 and 15.4.3, RM0090 18.3.12 to 18.3.15): reset, gated and
 * trigger mode, external clock modes 1 and 2, encoder modes. Input filters pass everything at once; ETR comes from the pin `etr`.
 */
export class SlaveController {
  /** ITR0 to ITR3; none where nothing is connected. */
  readonly #internal: readonly (Pin | undefined)[];
  readonly #etr: Pin;
  /** Plain data, for snapshots: edges of ETR that its prescaler has swallowed; levels as they were seen last. */
  readonly state = { etrEdges: 0, xor: false };

  constructor(
    environment: DeviceEnvironment,
    readonly inputs: readonly Pin[],
    readonly registers: SlaveRegisters,
    readonly counter: SlavedCounter,
  ) {
    this.#internal = environment
      .text('triggers')
      .split(/\s+/)
      .filter((name) => name !== '')
      .map((name) => (name === '-' ? undefined : environment.wire(name)));
    this.#internal.forEach((wire, source) => {
      wire?.onChangeAtTimes(
        (level) => {
          this.#changed(source, level);
        },
        () => this.#listensTo(source),
      );
    });
    this.#etr = environment.pin('etr');
    this.#etr.onChangeAtTimes(
      () => {
        this.#external();
      },
      () => this.#clockedByEtr || this.#listensTo(ETRF),
    );
  }

  reset(): void {
    Object.assign(this.state, { etrEdges: 0, xor: false });
  }

  get #mode(): number {
    return this.registers.smcr() & 7;
  }
  get #source(): number {
    return (this.registers.smcr() >>> 4) & 7;
  }
  /** ECE: external clock mode 2, which goes before mode 1. */
  get #clockedByEtr(): boolean {
    return (this.registers.smcr() & 0x4000) !== 0;
  }
  #listensTo(source: number): boolean {
    if (!this.registers.option.hearsTimer(source)) return false;
    // Channels may capture TRC whatever the mode is.
    return this.#source === source && (this.#mode >= RESET || source <= TI1F_ED);
  }

  get isEncoder(): boolean {
    return this.#mode >= 1 && this.#mode <= 3;
  }
  /** Does the counter count its internal clock, now? */
  get runsInternally(): boolean {
    return !this.isEncoder && this.#mode !== EXTERNAL && !this.#clockedByEtr && this.isOpen;
  }
  /** Of gated mode: does the trigger input let the counter run? */
  get isOpen(): boolean {
    return this.#mode !== GATED || this.#triggerLevel;
  }

  /** CR2.TI1S: the first three channels' exclusive or, as Hall sensors have it. */
  get #firstInput(): boolean {
    const [first, second, third] = this.inputs;
    const level = first?.level ?? false;
    return (this.registers.cr2() & 0x80) === 0 ? level : (level !== (second?.level ?? false)) !== (third?.level ?? false);
  }
  /** TI1 to TI4. */
  input(channel: number): boolean {
    return channel === 0 ? this.#firstInput : (this.registers.option.input(channel) ?? this.inputs[channel]?.level ?? false);
  }
  /** CCxP and CCxNP of a channel: 0 rising, 1 falling, 5 both edges. */
  polarity(channel: number): number {
    return (this.registers.ccer() >>> (channel * 4 + 1)) & 5;
  }
  /** TI1FP1 and TI2FP2. */
  #filtered(channel: number): boolean {
    return this.input(channel) !== (this.polarity(channel) === 1);
  }
  get #triggerLevel(): boolean {
    const source = this.#source;
    if (source < TI1F_ED) return this.registers.option.hearsTimer(source) && this.#internal[source]?.level === true;
    if (source === ETRF) return this.#etrLevel;
    return source !== TI1F_ED && this.#filtered(source - TI1FP1);
  }
  /** ETRP: behind its polarity. */
  get #etrLevel(): boolean {
    return this.#etr.level !== ((this.registers.smcr() & 0x8000) !== 0);
  }

  /** SMCR, CR2 or CCER has been written. */
  configured(): void {
    for (const wire of [...this.#internal, this.#etr]) if (wire?.isHeard === true) wire.attend();
    this.state.xor = this.#firstInput;
  }

  /** A pin of the timer has changed; `captured` is called for each of TI1 to TI4 that did. */
  pinChanged(pin: number, captured: (input: number, level: boolean) => void): void {
    const combined = (this.registers.cr2() & 0x80) !== 0;
    if (combined && pin <= 2) {
      const level = this.#firstInput;
      if (level !== this.state.xor) {
        this.state.xor = level;
        this.#inputChanged(0, level, captured);
      }
      if (pin === 0) return;
    }
    this.#inputChanged(pin, this.input(pin), captured);
  }

  #inputChanged(input: number, level: boolean, captured: (input: number, level: boolean) => void): void {
    // What is captured is the count before a trigger changes it: PWM input mode lives by that.
    captured(input, level);
    if (input > 1) return;
    if (this.isEncoder) this.#encoder(input);
    if (input === 0) {
      this.#changed(TI1F_ED, true);
      this.#changed(TI1F_ED, false);
    }
    const polarity = this.polarity(input);
    const source = input === 0 ? TI1FP1 : TI2FP2;
    if (polarity === 5) this.#changed(source, true);
    else this.#changed(source, level !== (polarity === 1));
  }

  /**
   * Counts on edges of TI1 (mode 1), of TI2 (mode 2) or of both, up or down by the other's level (RM0090 table 97). Which of the modes 1 and 2 is
   * which the manuals of F1 to F4 say the other way round than later ones and ST's drivers (TIM_ENCODERMODE_TI1 is 1), which are followed here.
   */
  #encoder(input: number): void {
    if ((this.#mode & (1 << input)) === 0) return;
    this.counter.settle();
    const isSame = this.#filtered(0) === this.#filtered(1);
    this.counter.step(input === 0 ? isSame : !isSame);
  }

  #external(): void {
    const level = this.#etrLevel;
    if (level) {
      // ETPS: every edge, or one of 2, 4, 8.
      const divider = 1 << ((this.registers.smcr() >>> 12) & 3);
      this.state.etrEdges = (this.state.etrEdges + 1) % divider;
      if (this.state.etrEdges !== 0) return;
      if (this.#clockedByEtr && this.isOpen) {
        this.counter.settle();
        this.counter.clock();
      }
    }
    this.#changed(ETRF, level);
  }

  #changed(source: number, level: boolean): void {
    if (this.#source !== source) return;
    this.counter.settle();
    if (level && source <= TI1F_ED) this.counter.captureTrc();
    const mode = this.#mode;
    if (mode < RESET || (!level && mode !== GATED)) return;
    this.counter.triggered();
    if (mode === RESET) this.counter.reset();
    else if (mode === GATED) this.counter.clockChanged();
    else if (mode === TRIGGER) this.counter.start();
    else if (!this.#clockedByEtr) this.counter.clock();
  }
}
