/** Registers of a state machine, as they are set. */
export interface PioSetting {
  readonly CLKDIV: number;
  readonly EXECCTRL: number;
  readonly SHIFTCTRL: number;
  readonly PINCTRL: number;
}

/** What a state machine has around it: what it changes is seen from the next cycle on. */
interface PioSurroundings {
  /** The instruction at an address. */
  readonly instruction: (address: number) => number;
  /** Levels of all pins. */
  readonly inputs: () => number;
  /** The eight interrupt flags. */
  readonly flags: () => number;
  readonly changeFlags: (set: number, clear: number) => void;
  /** Output levels, or directions, of the pins of a mask. */
  readonly drive: (kind: 'levels' | 'directions', mask: number, value: number) => void;
  /** FDEBUG: it waits for a FIFO. */
  readonly stalledOn: (fifo: 'tx' | 'rx') => void;
}

/** Why it waits. */
type Wait = '' | 'tx' | 'rx' | 'other';

/** Of an instruction: the next one follows, the program counter has been set, or it comes again. */
type Outcome = 'next' | 'jumped' | 'again';

/** Fractions of a cycle: CLKDIV has eight bits of them. */
const parts = 256;

/** A word's bits `high` down to `low`. */
function bits(word: number, high: number, low: number): number {
  return (word >>> low) & (2 ** (high - low + 1) - 1);
}
/** So many ones, 32 where it is 0. */
function ones(count: number): number {
  return count === 0 ? 0xffff_ffff : 2 ** count - 1;
}
function rotatedRight(word: number, by: number): number {
  return by === 0 ? word : ((word >>> by) | (word << (32 - by))) >>> 0;
}
function rotatedLeft(word: number, by: number): number {
  return rotatedRight(word, (32 - by) & 31);
}
function reversed(word: number): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) result = ((result << 1) | ((word >>> bit) & 1)) >>> 0;
  return result;
}

/** A state machine of RP2040's PIO (data sheet, 3.2 to 3.5): nine instructions, side-set and delay, two shift registers with autopush and autopull. */
export class PioMachine {
  /** Plain data, for snapshots. `due` is when the next instruction begins, in 1/256 cycles; `execute` is an instruction from elsewhere, or -1. */
  readonly state = {
    pc: 0,
    x: 0,
    y: 0,
    isr: 0,
    isrCount: 0,
    osr: 0,
    osrCount: 32,
    tx: [] as number[],
    rx: [] as number[],
    enabled: false,
    due: 0,
    wait: '' as Wait,
    /** IRQ WAIT has set its flag. */
    raised: false,
    execute: -1,
    /** `execute` was written by the CPU, and waits whether the machine is enabled or not. */
    forced: false,
  };

  constructor(
    readonly number: number,
    readonly setting: () => PioSetting,
    readonly around: PioSurroundings,
  ) {}

  /** As from reset. */
  reset(): void {
    Object.assign(this.state, { pc: 0, x: 0, y: 0, osr: 0, tx: [], rx: [], enabled: false, due: 0 });
    this.restart();
  }

  /** SM_RESTART: what is not visible to programs. */
  restart(): void {
    Object.assign(this.state, { isr: 0, isrCount: 0, osrCount: 32, wait: '', raised: false, execute: -1, forced: false });
  }

  enable(enabled: boolean, now: number): void {
    if (enabled && !this.state.enabled) this.state.due = (now + 1) * parts;
    this.state.enabled = enabled;
  }

  /** CLKDIV_RESTART. */
  restartClock(now: number): void {
    this.state.due = (now + 1) * parts;
  }

  get #divider(): number {
    const divider = this.setting().CLKDIV >>> 8;
    return divider < parts ? divider + 0x1_0000 * parts : divider;
  }

  /** FJOIN: the depth of a FIFO. */
  depth(fifo: 'tx' | 'rx'): number {
    const join = this.setting().SHIFTCTRL >>> 30;
    return join === 0 ? 4 : (join === 1) === (fifo === 'tx') ? 8 : 0;
  }
  isFull(fifo: 'tx' | 'rx'): boolean {
    return this.state[fifo].length >= this.depth(fifo);
  }

  /** The cycle in which the next instruction begins; Infinity while it stands still or waits. */
  get next(): number {
    return this.state.enabled && this.state.wait === '' ? Math.ceil(this.state.due / parts) : Infinity;
  }
  /** The cycle in which it next does what can be seen from outside. */
  get nextVisible(): number {
    const { next } = this;
    const loop = next === Infinity ? undefined : this.#loop();
    return loop === undefined ? next : Math.ceil((this.state.due + loop.count * loop.parts) / parts);
  }

  /** Something that it may wait for has changed in a cycle: it looks again in the next. */
  wake(cycle: number): void {
    if (this.state.wait === '') return;
    if (this.state.forced && !this.state.enabled) this.force(this.state.execute, cycle);
    else this.#stopWaiting(cycle);
  }

  get #waits(): boolean {
    return this.state.wait !== '';
  }
  #stopWaiting(cycle: number): void {
    const behind = (cycle + 1) * parts - this.state.due;
    if (behind > 0) this.state.due += Math.ceil(behind / this.#divider) * this.#divider;
    this.state.wait = '';
  }

  /** A loop of one instruction that counts down: rounds that it still makes, and how long each takes. */
  #loop(): { readonly register: 'x' | 'y'; readonly count: number; readonly parts: number } | undefined {
    const instruction = this.around.instruction(this.state.pc);
    if (this.state.execute >= 0 || instruction >>> 13 !== 0 || (instruction & 0x1f) !== this.state.pc) return undefined;
    const condition = bits(instruction, 7, 5);
    if (condition !== 2 && condition !== 4) return undefined;
    const register = condition === 2 ? 'x' : 'y';
    return { register, count: this.state[register], parts: this.#divider * (1 + this.#delay(instruction)) };
  }

  /** Rounds of such a loop at once, so far as they begin before the end of a cycle. */
  skip(cycle: number): void {
    const loop = this.#loop();
    if (loop === undefined) return;
    const rounds = Math.min(loop.count, Math.floor((cycle * parts - this.state.due) / loop.parts));
    if (rounds < 1) return;
    this.state[loop.register] -= rounds;
    this.state.due += rounds * loop.parts;
  }

  get #sideBits(): number {
    return bits(this.setting().PINCTRL, 31, 29);
  }
  #delay(instruction: number): number {
    return bits(instruction, 12, 8) & (2 ** (5 - Math.min(5, this.#sideBits)) - 1);
  }

  /** Carries out the instruction that is due. */
  step(): void {
    const { state } = this;
    const isForeign = state.execute >= 0;
    const instruction = isForeign ? state.execute : this.around.instruction(state.pc);
    const at = state.pc;
    if (isForeign) state.execute = -1;
    const outcome = this.#execute(instruction);
    if (outcome === 'again') {
      if (isForeign) state.execute = instruction;
      state.due += this.#divider;
      return;
    }
    if (isForeign) state.forced = false;
    else if (outcome === 'next') {
      const { EXECCTRL } = this.setting();
      state.pc = at === bits(EXECCTRL, 16, 12) ? bits(EXECCTRL, 11, 7) : (at + 1) & 0x1f;
    }
    // An instruction that OUT or MOV have handed over comes next, without their delay.
    state.due += this.#divider * (state.execute >= 0 ? 1 : 1 + this.#delay(instruction));
  }

  /** An instruction that the CPU has written: at once, in place of what waits. */
  force(instruction: number, now: number): void {
    const { state } = this;
    const isSame = state.forced && state.execute === instruction;
    if (state.wait !== '') this.#stopWaiting(now);
    state.execute = -1;
    if (!isSame) state.raised = false;
    // OUT may take a word from the FIFO first.
    let outcome = this.#execute(instruction);
    // OUT may have taken a word from the FIFO first.
    if (outcome === 'again' && !this.#waits) outcome = this.#execute(instruction);
    state.forced = outcome === 'again';
    if (state.forced) state.execute = instruction;
  }

  #execute(instruction: number): Outcome {
    this.#sideSet(instruction);
    const operation = instruction >>> 13;
    if (operation !== 3) this.#refill();
    const operands = instruction & 0xff;
    if (operation === 0) return this.#jump(operands);
    if (operation === 1) return this.#waitFor(operands);
    if (operation === 2) return this.#in(bits(operands, 7, 5), operands & 0x1f);
    if (operation === 3) return this.#out(bits(operands, 7, 5), operands & 0x1f);
    if (operation === 4) return (operands & 0x80) === 0 ? this.#push(operands) : this.#pull(operands);
    if (operation === 5) return this.#move(operands);
    if (operation === 6) return this.#interrupt(operands);
    return this.#set(bits(operands, 7, 5), operands & 0x1f);
  }

  #stall(wait: Exclude<Wait, ''>): Outcome {
    this.state.wait = wait;
    if (wait !== 'other') this.around.stalledOn(wait);
    return 'again';
  }

  #sideSet(instruction: number): void {
    const { EXECCTRL, PINCTRL } = this.setting();
    let width = Math.min(5, this.#sideBits);
    let value = bits(instruction, 12, 8) >>> (5 - width);
    if (width === 0) return;
    if (bits(EXECCTRL, 30, 30) === 1) {
      width--;
      if (value >>> width === 0) return;
    }
    value &= 2 ** width - 1;
    this.#pins(bits(EXECCTRL, 29, 29) === 1 ? 'directions' : 'levels', bits(PINCTRL, 14, 10), width, value);
  }

  #pins(kind: 'levels' | 'directions', base: number, count: number, value: number): void {
    if (count === 0) return;
    this.around.drive(kind, rotatedLeft(ones(count & 31), base), rotatedLeft(value, base));
  }

  #jump(operands: number): Outcome {
    const { state } = this;
    const { EXECCTRL, SHIFTCTRL } = this.setting();
    const condition = bits(operands, 7, 5);
    const taken = [
      true,
      state.x === 0,
      state.x !== 0,
      state.y === 0,
      state.y !== 0,
      state.x !== state.y,
      ((this.around.inputs() >>> bits(EXECCTRL, 28, 24)) & 1) === 1,
      state.osrCount < threshold(bits(SHIFTCTRL, 29, 25)),
    ][condition];
    if (condition === 2) state.x = (state.x - 1) >>> 0;
    if (condition === 4) state.y = (state.y - 1) >>> 0;
    if (taken === true) state.pc = operands & 0x1f;
    return taken === true ? 'jumped' : 'next';
  }

  /** Of IRQ and WAIT IRQ: with the highest bit, counted from the state machine's own number. */
  #flag(operands: number): number {
    return 1 << ((operands & 0x10) === 0 ? operands & 7 : (operands & 4) | ((operands + this.number) & 3));
  }

  #waitFor(operands: number): Outcome {
    const wanted = operands >>> 7;
    const source = bits(operands, 6, 5);
    const index = operands & 0x1f;
    if (source === 2) {
      const flag = this.#flag(index);
      if (Number((this.around.flags() & flag) !== 0) !== wanted) return this.#stall('other');
      if (wanted === 1) this.around.changeFlags(0, flag);
      return 'next';
    }
    const pin = source === 1 ? (bits(this.setting().PINCTRL, 19, 15) + index) & 0x1f : index;
    return ((this.around.inputs() >>> pin) & 1) === wanted ? 'next' : this.#stall('other');
  }

  get #pinsIn(): number {
    return rotatedRight(this.around.inputs(), bits(this.setting().PINCTRL, 19, 15));
  }

  #in(source: number, count: number): Outcome {
    const { state } = this;
    const { SHIFTCTRL } = this.setting();
    const width = count === 0 ? 32 : count;
    const full = Math.min(32, state.isrCount + width);
    const pushes = bits(SHIFTCTRL, 16, 16) === 1 && full >= threshold(bits(SHIFTCTRL, 24, 20));
    if (pushes && this.isFull('rx')) return this.#stall('rx');
    const from = [this.#pinsIn, state.x, state.y, 0, 0, 0, state.isr, state.osr][source] ?? 0;
    const data = (from & ones(count)) >>> 0;
    const toRight = bits(SHIFTCTRL, 18, 18) === 1;
    if (width === 32) state.isr = data;
    else state.isr = (toRight ? (state.isr >>> width) | (data << (32 - width)) : (state.isr << width) | data) >>> 0;
    state.isrCount = full;
    if (pushes) this.#pushIsr();
    return 'next';
  }

  #pushIsr(): void {
    this.state.rx.push(this.state.isr);
    this.state.isr = 0;
    this.state.isrCount = 0;
  }

  get #pullThreshold(): number {
    return threshold(bits(this.setting().SHIFTCTRL, 29, 25));
  }
  get #autopulls(): boolean {
    return bits(this.setting().SHIFTCTRL, 17, 17) === 1;
  }
  /** Autopull goes on beside all other instructions. */
  #refill(): boolean {
    const { state } = this;
    if (!this.#autopulls || state.osrCount < this.#pullThreshold) return true;
    const word = state.tx.shift();
    if (word === undefined) return false;
    state.osr = word;
    state.osrCount = 0;
    return true;
  }

  #out(destination: number, count: number): Outcome {
    const { state } = this;
    if (this.#autopulls && state.osrCount >= this.#pullThreshold) {
      // Taking a word from the FIFO takes the cycle.
      if (!this.#refill()) return this.#stall('tx');
      return 'again';
    }
    const width = count === 0 ? 32 : count;
    const toRight = bits(this.setting().SHIFTCTRL, 19, 19) === 1;
    const data = (toRight ? state.osr & ones(count) : state.osr >>> (32 - width)) >>> 0;
    state.osr = width === 32 ? 0 : (toRight ? state.osr >>> width : state.osr << width) >>> 0;
    state.osrCount = Math.min(32, state.osrCount + width);
    this.#refill();
    if (destination === 6) state.isrCount = width;
    return this.#give(['pins', 'x', 'y', 'null', 'directions', 'pc', 'isr', 'execute'] as const, destination, data);
  }

  /** Data of OUT and MOV to where it goes. */
  #give<T extends 'pins' | 'x' | 'y' | 'null' | 'directions' | 'pc' | 'isr' | 'osr' | 'execute'>(names: readonly T[], index: number, data: number): Outcome {
    const { state } = this;
    const name: string = names[index] ?? 'null';
    if (name === 'pins' || name === 'directions') this.#outPins(name === 'pins' ? 'levels' : 'directions', data);
    else if (name === 'x' || name === 'y' || name === 'isr' || name === 'osr') state[name] = data;
    else if (name === 'execute') state.execute = data & 0xffff;
    else if (name === 'pc') state.pc = data & 0x1f;
    return name === 'pc' ? 'jumped' : 'next';
  }

  #outPins(kind: 'levels' | 'directions', data: number): void {
    const { EXECCTRL, PINCTRL } = this.setting();
    // INLINE_OUT_EN: a bit of the data says whether pins are written.
    if (kind === 'levels' && bits(EXECCTRL, 18, 18) === 1 && ((data >>> bits(EXECCTRL, 23, 19)) & 1) === 0) return;
    this.#pins(kind, bits(PINCTRL, 4, 0), Math.min(32, bits(PINCTRL, 25, 20)), data);
  }

  #push(operands: number): Outcome {
    const { state } = this;
    if ((operands & 0x40) !== 0 && state.isrCount < threshold(bits(this.setting().SHIFTCTRL, 24, 20))) return 'next';
    if (!this.isFull('rx')) {
      this.#pushIsr();
      return 'next';
    }
    if ((operands & 0x20) !== 0) return this.#stall('rx');
    this.around.stalledOn('rx');
    state.isr = 0;
    state.isrCount = 0;
    return 'next';
  }

  #pull(operands: number): Outcome {
    const { state } = this;
    const isIfEmpty = (operands & 0x40) !== 0 || this.#autopulls;
    if (isIfEmpty && state.osrCount < this.#pullThreshold) return 'next';
    const word = state.tx.shift();
    if (word === undefined && (operands & 0x20) !== 0) return this.#stall('tx');
    state.osr = word ?? state.x;
    state.osrCount = 0;
    return 'next';
  }

  /** STATUS: all ones while a FIFO holds less than so many words. */
  get #status(): number {
    const { EXECCTRL } = this.setting();
    const { length } = this.state[bits(EXECCTRL, 4, 4) === 0 ? 'tx' : 'rx'];
    return length < bits(EXECCTRL, 3, 0) ? 0xffff_ffff : 0;
  }

  #move(operands: number): Outcome {
    const { state } = this;
    const source = [this.#pinsIn, state.x, state.y, 0, 0, this.#status, state.isr, state.osr][operands & 7] ?? 0;
    const data = [source, ~source >>> 0, reversed(source), source][bits(operands, 4, 3)] ?? 0;
    const destination = bits(operands, 7, 5);
    if (destination === 6) state.isrCount = 0;
    if (destination === 7) state.osrCount = 0;
    return this.#give(['pins', 'x', 'y', 'null', 'execute', 'pc', 'isr', 'osr'] as const, destination, data);
  }

  #interrupt(operands: number): Outcome {
    const flag = this.#flag(operands & 0x1f);
    if ((operands & 0x40) !== 0) {
      this.around.changeFlags(0, flag);
    } else if ((operands & 0x20) === 0) {
      this.around.changeFlags(flag, 0);
    } else if (!this.state.raised) {
      this.state.raised = true;
      this.around.changeFlags(flag, 0);
      return this.#stall('other');
    } else if ((this.around.flags() & flag) !== 0) {
      return this.#stall('other');
    } else {
      this.state.raised = false;
    }
    return 'next';
  }

  #set(destination: number, data: number): Outcome {
    const { PINCTRL } = this.setting();
    if (destination === 0 || destination === 4)
      this.#pins(destination === 0 ? 'levels' : 'directions', bits(PINCTRL, 9, 5), Math.min(5, bits(PINCTRL, 28, 26)), data);
    else if (destination === 1 || destination === 2) this.state[destination === 1 ? 'x' : 'y'] = data;
    return 'next';
  }
}

/** PULL_THRESH and PUSH_THRESH: 0 is 32. */
function threshold(given: number): number {
  return given === 0 ? 32 : given;
}
