import type { Device, DeviceClass, DeviceEnvironment } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Bits of the registers (National Semiconductor PC16550D data sheet, 8.0, table II). */
const ierReceive = 0x01;
const ierTransmit = 0x02;
const ierLine = 0x04;
const ierModem = 0x08;
const iirNone = 0x01;
const iirLine = 0x06;
const iirReceive = 0x04;
const iirTimeout = 0x0c;
const iirTransmit = 0x02;
const iirFifos = 0xc0;
const lsrReady = 0x01;
const lsrOverrun = 0x02;
const lsrTransmitEmpty = 0x60;
const lcrDivisor = 0x80;
const mcrLoop = 0x10;
const fcrEnable = 0x01;
const fcrClearReceive = 0x02;
const fcrClearTransmit = 0x04;

const fifoBytes = 16;
/** By bits 7 and 6 of FCR. */
const triggerLevels = [1, 4, 8, 14];
/** Bits of a character on the wire: start, data, parity, stop. */
const frameBits = (lcr: number): number => 1 + 5 + (lcr & 3) + ((lcr & 8) === 0 ? 0 : 1) + ((lcr & 4) === 0 ? 1 : 2);
/** So many character times without a byte or a read make the receive FIFO ask below its trigger level (8.6.2). */
const timeoutCharacters = 4;

interface UartState {
  receive: number[];
  transmit: number[];
  /** Is a byte on its way? */
  sending: boolean;
  divisor: number;
  overrun: boolean;
  /** THRE's interrupt waits: for a write, or a read of IIR. */
  transmitAsks: boolean;
  timedOut: boolean;
  scratch: number;
  fifo: boolean;
  trigger: number;
  msrChanges: number;
  msr: number;
  warned: boolean;
}

const atReset = (): UartState => ({
  receive: [],
  transmit: [],
  sending: false,
  divisor: 1,
  overrun: false,
  transmitAsks: false,
  timedOut: false,
  scratch: 0,
  fifo: false,
  trigger: 1,
  msrChanges: 0,
  msr: connected,
  warned: false,
});
/** CTS, DSR and DCD: a terminal is there. */
const connected = 0xb0;

/**
 * NS16550A: a UART with FIFOs. Bytes take their time on the wire, both ways. Firmware for QEMU's boards often sends without having set the length of
 * characters, which is 5 bits after reset, and QEMU's sends all eight: so does this one, and says so.
 */
export const ns16550: DeviceClass = {
  name: 'ns16550',
  summary: 'NS16550A UART (National Semiconductor PC16550D)',
  size: 8,
  interrupts: ['irq'],
  clocks: ['clock'],
  serial: true,
  deviceTree: { node: 'serial', compatible: ['ns16550a'] },
  create: (environment) => createUart(environment),
};

function createUart(environment: DeviceEnvironment): Device {
  const state = atReset();
  const irq = environment.interrupt('irq');
  const clock = environment.clock('clock');
  const sent = environment.timer(() => {
    finishSending();
  });
  const arrived = environment.timer(() => {
    takeByte();
  });
  const quiet = environment.timer(() => {
    state.timedOut = state.receive.length > 0;
    update();
  });
  const ier = (): number => block.get('IER');
  const lcr = (): number => block.get('LCR');
  const loops = (): boolean => (block.get('MCR') & mcrLoop) !== 0;
  const characterCycles = (): number => (16 * Math.max(1, state.divisor) * frameBits(lcr()) * environment.clocks.cpu.hertz) / clock.hertz;
  const room = (): number => (state.fifo ? fifoBytes : 1);

  /** The interrupt of the highest priority, as IIR shows it (table IV). */
  function identification(): number {
    if ((ier() & ierLine) !== 0 && state.overrun) return iirLine;
    if ((ier() & ierReceive) !== 0) {
      if (state.receive.length >= (state.fifo ? state.trigger : 1)) return iirReceive;
      if (state.timedOut && state.receive.length > 0) return iirTimeout;
    }
    if ((ier() & ierTransmit) !== 0 && state.transmitAsks) return iirTransmit;
    if ((ier() & ierModem) !== 0 && state.msrChanges !== 0) return 0;
    return iirNone;
  }

  function update(): void {
    irq.set(identification() !== iirNone);
  }

  function startSending(): void {
    if (state.sending || state.transmit.length === 0) return;
    state.sending = true;
    // The byte moves into the shift register: there is room at once.
    if (state.transmit.length === 1) state.transmitAsks = true;
    sent.set(environment.timeline.now + characterCycles());
  }

  function finishSending(): void {
    state.sending = false;
    const byte = state.transmit.shift();
    if (byte !== undefined) {
      if (loops()) receive(byte);
      else environment.serial.send(byte);
    }
    startSending();
    update();
  }

  function write(byte: number): void {
    const bits = 5 + (lcr() & 3);
    if (!state.warned && byte >>> bits !== 0) {
      state.warned = true;
      environment.warn(`sends 0x${byte.toString(16)} whole although LCR says that characters have ${bits} bits, which silicon does not`);
    }
    state.transmitAsks = false;
    // Of a full FIFO the last byte is lost.
    if (state.transmit.length - (state.sending ? 1 : 0) >= room()) state.transmit.pop();
    state.transmit.push(byte);
    startSending();
    update();
  }

  function receive(byte: number): void {
    if (state.receive.length >= room()) {
      state.overrun = true;
      if (!state.fifo) state.receive = [byte];
    } else {
      state.receive.push(byte);
    }
    restartQuiet();
    update();
  }

  function restartQuiet(): void {
    state.timedOut = false;
    if (state.fifo && state.receive.length > 0) quiet.set(environment.timeline.now + timeoutCharacters * characterCycles());
    else quiet.clear();
  }

  /** The world waits until there is room: nothing that is typed gets lost. */
  function takeByte(): void {
    if (state.receive.length >= room()) return;
    const byte = environment.serial.receive();
    if (byte === undefined) return;
    receive(byte);
    arrived.set(environment.timeline.now + characterCycles());
  }

  function expectByte(): void {
    if (arrived.at === Infinity) arrived.set(environment.timeline.now + characterCycles());
  }

  function read(): number {
    const byte = state.receive.shift() ?? 0;
    restartQuiet();
    expectByte();
    update();
    return byte;
  }

  function lineStatus(): number {
    const waiting = state.transmit.length - (state.sending ? 1 : 0);
    const empty = waiting > 0 ? 0 : state.sending ? 0x20 : lsrTransmitEmpty;
    const value = (state.receive.length > 0 ? lsrReady : 0) | (state.overrun ? lsrOverrun : 0) | empty;
    state.overrun = false;
    update();
    return value;
  }

  /** In loop-back the modem's inputs are the outputs of MCR (8.7). */
  function modemStatus(): number {
    const mcr = block.get('MCR');
    const lines = loops() ? ((mcr & 0x0c) << 4) | ((mcr & 0x02) << 3) | ((mcr & 0x01) << 5) : connected;
    const changes = state.msrChanges;
    state.msrChanges = 0;
    update();
    return lines | changes;
  }

  function modemChanged(): void {
    const mcr = block.get('MCR');
    const lines = loops() ? ((mcr & 0x0c) << 4) | ((mcr & 0x02) << 3) | ((mcr & 0x01) << 5) : connected;
    const changed = (lines ^ state.msr) >> 4;
    // TERI tells the trailing edge only.
    state.msrChanges |= (changed & 0b1011) | ((changed & 0b0100) !== 0 && (lines & 0x40) === 0 ? 0b0100 : 0);
    state.msr = lines;
    update();
  }

  function fifoControl(value: number): void {
    const fifo = (value & fcrEnable) !== 0;
    if (fifo !== state.fifo || (value & fcrClearReceive) !== 0) state.receive = [];
    if (fifo !== state.fifo || (value & fcrClearTransmit) !== 0) state.transmit.splice(state.sending ? 1 : 0);
    state.fifo = fifo;
    if (fifo) state.trigger = triggerLevels[value >> 6] ?? 1;
    restartQuiet();
    expectByte();
    update();
  }

  const latch = (): boolean => (lcr() & lcrDivisor) !== 0;
  const block = new RegisterBlock({
    warn: environment.warn,
    registers: [
      {
        name: 'RBR_THR',
        offset: 0,
        width: 8,
        read: () => (latch() ? state.divisor & 0xff : read()),
        write: (value) => {
          if (latch()) state.divisor = (state.divisor & 0xff00) | value;
          else write(value);
        },
      },
      {
        name: 'IER',
        offset: 1,
        width: 8,
        writable: 0x0f,
        steady: true,
        read: (stored) => (latch() ? state.divisor >> 8 : stored),
        write: (_stored, before, written) => {
          if (latch()) {
            block.set('IER', before);
            state.divisor = (state.divisor & 0xff) | (written << 8);
            return;
          }
          // An empty transmitter asks as soon as it may (8.4).
          if ((before & ierTransmit) === 0 && (written & ierTransmit) !== 0 && state.transmit.length <= (state.sending ? 1 : 0)) state.transmitAsks = true;
          update();
        },
      },
      {
        name: 'IIR_FCR',
        offset: 2,
        width: 8,
        read: () => {
          const value = identification();
          if (value === iirTransmit) state.transmitAsks = false;
          update();
          return value | (state.fifo ? iirFifos : 0);
        },
        write: (value) => {
          fifoControl(value);
        },
      },
      { name: 'LCR', offset: 3, width: 8 },
      {
        name: 'MCR',
        offset: 4,
        width: 8,
        writable: 0x1f,
        write: () => {
          modemChanged();
        },
      },
      { name: 'LSR', offset: 5, width: 8, access: 'ro', steady: (value) => (value & lsrOverrun) === 0, read: () => lineStatus() },
      { name: 'MSR', offset: 6, width: 8, access: 'ro', steady: (value) => (value & 0xf) === 0, read: () => modemStatus() },
      { name: 'SCR', offset: 7, width: 8 },
    ],
    extra: state,
    reset: () => {
      Object.assign(state, atReset());
      for (const timer of [sent, arrived, quiet]) timer.clear();
      expectByte();
      update();
    },
  });
  environment.serial.onInput(expectByte);
  return block;
}
