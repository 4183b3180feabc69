import type { Device, DeviceClass } from '../../machine/device.js';

const columns = 128;
const pages = 8;
/** Bytes of parameters behind a command (SSD1306 data sheet, chapter 9); none for the others. */
const parameters: Readonly<Record<number, number>> = {
  0x20: 1,
  0x21: 2,
  0x22: 2,
  0x26: 6,
  0x27: 6,
  0x29: 5,
  0x2a: 5,
  0x81: 1,
  0x8d: 1,
  0xa3: 2,
  0xa8: 1,
  0xd3: 1,
  0xd5: 1,
  0xd9: 1,
  0xda: 1,
  0xdb: 1,
};

const nothing = (): number => 0;

/**
 * Display controller SSD1306 (data sheet Rev 1.1) of 128 x 64 points, behind an I2C master: commands and data by control bytes, addressing modes and windows,
 * display on and inverse. What it shows is its `state`: `picture()` has it as text. Scrolling is not modelled.
 */
export const ssd1306: DeviceClass = {
  name: 'ssd1306',
  summary: 'display SSD1306, 128 x 64, behind an I2C master (data sheet Rev 1.1)',
  size: 0,
  parameters: { bus: { type: 'device', summary: 'the I2C master' }, address: { type: 'number', default: 0x3c, summary: '7-bit address' } },
  create(environment): Ssd1306 {
    const device = new Ssd1306((message) => {
      environment.warn(message);
    });
    environment.i2cBus(environment.text('bus')).attach([environment.number('address')], {
      start(read) {
        device.state.control = -1;
        return !read;
      },
      write: (byte) => device.receive(byte),
      read: nothing,
      stop: nothing,
    });
    return device;
  },
};

export class Ssd1306 implements Device {
  readonly state = {
    memory: new Uint8Array(columns * pages),
    on: false,
    inverse: false,
    allOn: false,
    /** 0 horizontal, 1 vertical, 2 page. */
    mode: 2,
    column: 0,
    page: 0,
    window: [0, columns - 1, 0, pages - 1],
    /** The control byte under way, -1: it comes next; the command whose parameters come, and those that are there. */
    control: -1,
    command: 0,
    arguments: [] as number[],
  };
  readonly #warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  readonly read = nothing;
  readonly write = nothing;

  reset(): void {
    this.state.memory.fill(0);
    Object.assign(this.state, {
      on: false,
      inverse: false,
      allOn: false,
      mode: 2,
      column: 0,
      page: 0,
      window: [0, columns - 1, 0, pages - 1],
      control: -1,
      command: 0,
      arguments: [],
    });
  }

  /** A byte behind the address: control byte, then one byte where its Co bit is set, else all that follow. */
  receive(byte: number): boolean {
    const { state } = this;
    if (state.control < 0) {
      state.control = byte;
      return true;
    }
    if ((state.control & 0x40) !== 0) this.#data(byte);
    else this.#command(byte);
    if ((state.control & 0x80) !== 0) state.control = -1;
    return true;
  }

  /** Rows of `#` and spaces; all blank while it is off. */
  picture(): readonly string[] {
    const { memory, on, inverse, allOn } = this.state;
    return Array.from({ length: pages * 8 }, (_, row) =>
      Array.from({ length: columns }, (_unused, column) => {
        const lit = allOn || (((memory[(row >>> 3) * columns + column] ?? 0) >>> (row & 7)) & 1) === 1;
        return on && lit !== inverse ? '#' : ' ';
      }).join(''),
    );
  }

  #data(byte: number): void {
    const { state } = this;
    const [firstColumn = 0, lastColumn = columns - 1, firstPage = 0, lastPage = pages - 1] = state.window;
    state.memory[state.page * columns + state.column] = byte;
    if (state.mode === 2) {
      state.column = (state.column + 1) % columns;
    } else if (state.mode === 1) {
      if (state.page++ < lastPage) return;
      state.page = firstPage;
      state.column = state.column >= lastColumn ? firstColumn : state.column + 1;
    } else {
      if (state.column++ < lastColumn) return;
      state.column = firstColumn;
      state.page = state.page >= lastPage ? firstPage : state.page + 1;
    }
  }

  #command(byte: number): void {
    const { state } = this;
    const missing = (parameters[state.command] ?? 0) - state.arguments.length;
    if (missing > 0) state.arguments.push(byte);
    else Object.assign(state, { command: byte, arguments: [] });
    if (state.arguments.length === (parameters[state.command] ?? 0)) this.#execute(state.command, state.arguments);
  }

  #execute(command: number, [first = 0, second = 0]: readonly number[]): void {
    const { state } = this;
    if (command < 0x10) state.column = (state.column & 0x70) | command;
    else if (command < 0x20) state.column = (state.column & 0xf) | ((command & 7) << 4);
    else if (command === 0x20) state.mode = first & 3;
    else if (command === 0x21) this.#window(0, first & 0x7f, second & 0x7f);
    else if (command === 0x22) this.#window(2, first & 7, second & 7);
    else if (command === 0xa4 || command === 0xa5) state.allOn = command === 0xa5;
    else if (command === 0xa6 || command === 0xa7) state.inverse = command === 0xa7;
    else if (command === 0xae || command === 0xaf) state.on = command === 0xaf;
    else if (command >= 0xb0 && command < 0xb8) state.page = command & 7;
    else if (command === 0x2f) this.#warn('scrolling is not modelled');
    state.command = 0xe3;
    state.arguments = [];
  }

  #window(at: 0 | 2, first: number, last: number): void {
    this.state.window[at] = first;
    this.state.window[at + 1] = last;
    if (at === 0) this.state.column = first;
    else this.state.page = first;
  }
}
