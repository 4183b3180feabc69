import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** STATE (nRF51 Reference Manual 3.0, chapter 17). */
const states = { disabled: 0, rxRampUp: 1, rxIdle: 2, rx: 3, rxDisable: 4, txRampUp: 9, txIdle: 10, tx: 11, txDisable: 12 };
/** Microseconds (product specification). */
const rampUp = 130;
const disableTime = 4;

/**
 * RADIO of nRF51 (nRF51 Reference Manual 3.0, chapter 17) where nobody else is in the air: states, events and their times are right, what is
 * sent is heard by nobody, and nothing is ever received.
 */
export const nrf51Radio: DeviceClass = {
  name: 'nrf51-radio',
  summary: 'nRF51 RADIO, alone in the air (RM 3.0 chapter 17)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const extra = { state: states.disabled };
    const after = (microseconds: number): number => environment.timeline.now + (microseconds * environment.clocks.cpu.hertz) / 1e6;
    const ready = environment.timer(() => {
      extra.state += 1;
      peripheral.event('READY');
    });
    const sent = environment.timer(() => {
      extra.state = states.txIdle;
      peripheral.event('PAYLOAD');
      peripheral.event('END');
    });
    const disabled = environment.timer(() => {
      extra.state = states.disabled;
      peripheral.event('DISABLED');
    });
    const begin = (state: number): void => {
      sent.clear();
      disabled.clear();
      extra.state = state;
      ready.set(after(rampUp));
    };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        TXEN: {
          offset: 0x000,
          run: () => {
            begin(states.txRampUp);
          },
        },
        RXEN: {
          offset: 0x004,
          run: () => {
            begin(states.rxRampUp);
          },
        },
        START: {
          offset: 0x008,
          run: () => {
            if (extra.state === states.rxIdle) extra.state = states.rx;
            if (extra.state !== states.txIdle) return;
            extra.state = states.tx;
            peripheral.event('ADDRESS');
            sent.set(after(packetTime()));
          },
        },
        STOP: {
          offset: 0x00c,
          run: () => {
            sent.clear();
            if (extra.state === states.rx) extra.state = states.rxIdle;
            if (extra.state === states.tx) extra.state = states.txIdle;
          },
        },
        DISABLE: {
          offset: 0x010,
          run: () => {
            ready.clear();
            sent.clear();
            extra.state = extra.state >= states.txRampUp ? states.txDisable : states.rxDisable;
            disabled.set(after(disableTime));
          },
        },
        RSSISTART: {
          offset: 0x014,
          run: () => {
            peripheral.event('RSSIEND');
          },
        },
        RSSISTOP: { offset: 0x018, run: () => undefined },
        BCSTART: { offset: 0x01c, run: () => undefined },
        BCSTOP: { offset: 0x020, run: () => undefined },
      },
      events: { READY: 0x100, ADDRESS: 0x104, PAYLOAD: 0x108, END: 0x10c, DISABLED: 0x110, DEVMATCH: 0x114, DEVMISS: 0x118, RSSIEND: 0x11c, BCMATCH: 0x128 },
      shorts: [
        [0, 'READY', 'START'],
        [1, 'END', 'DISABLE'],
        [2, 'DISABLED', 'TXEN'],
        [3, 'DISABLED', 'RXEN'],
        [4, 'ADDRESS', 'RSSISTART'],
        [5, 'END', 'START'],
        [6, 'ADDRESS', 'BCSTART'],
        [8, 'DISABLED', 'RSSISTOP'],
      ],
      registers: [
        { name: 'CRCSTATUS', offset: 0x400, access: 'ro' },
        { name: 'CD', offset: 0x404, access: 'ro' },
        { name: 'RXMATCH', offset: 0x408, access: 'ro' },
        { name: 'RXCRC', offset: 0x40c, access: 'ro' },
        { name: 'DAI', offset: 0x410, access: 'ro' },
        { name: 'PACKETPTR', offset: 0x504 },
        { name: 'FREQUENCY', offset: 0x508, reset: 2, writable: 0x7f },
        { name: 'TXPOWER', offset: 0x50c, writable: 0xff },
        { name: 'MODE', offset: 0x510, writable: 3 },
        { name: 'PCNF0', offset: 0x514, writable: 0xf_010f },
        { name: 'PCNF1', offset: 0x518, writable: 0x307_ffff },
        { name: 'BASE', offset: 0x51c, count: 2 },
        { name: 'PREFIX', offset: 0x524, count: 2 },
        { name: 'TXADDRESS', offset: 0x52c, writable: 7 },
        { name: 'RXADDRESSES', offset: 0x530, writable: 0xff },
        { name: 'CRCCNF', offset: 0x534, writable: 0x103 },
        { name: 'CRCPOLY', offset: 0x538, writable: 0xff_ffff },
        { name: 'CRCINIT', offset: 0x53c, writable: 0xff_ffff },
        { name: 'TEST', offset: 0x540, writable: 3 },
        { name: 'TIFS', offset: 0x544, writable: 0xff },
        // -RSSI in dBm: as good as nothing.
        { name: 'RSSISAMPLE', offset: 0x548, access: 'ro', reset: 100 },
        { name: 'STATE', offset: 0x550, access: 'ro', steady: true, read: () => extra.state },
        { name: 'DATAWHITEIV', offset: 0x554, reset: 0x40, writable: 0x7f },
        { name: 'BCC', offset: 0x560 },
        { name: 'DAB', offset: 0x600, count: 8 },
        { name: 'DAP', offset: 0x620, count: 8, writable: 0xffff },
        { name: 'DACNF', offset: 0x640, writable: 0xffff },
        { name: 'OVERRIDE', offset: 0x724, count: 5 },
      ],
      extra,
      reset: () => {
        extra.state = states.disabled;
        for (const timer of [ready, sent, disabled]) timer.clear();
      },
    });
    const { block } = peripheral;
    /** Microseconds of a packet: address, payload up to MAXLEN and CRC, at 1 Mbit/s, 2 Mbit/s or 250 kbit/s. */
    function packetTime(): number {
      const length = environment.bus.read(block.get('PACKETPTR'), 1) ?? 0;
      const bytes = 6 + Math.min(length, block.get('PCNF1') & 0xff) + (block.get('CRCCNF') & 3);
      return bytes * ([8, 4, 32, 8][block.get('MODE')] ?? 8);
    }
    return block;
  },
};
