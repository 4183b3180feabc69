import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const depth = 16;
const RX_UNDER = 1 << 0;
const RX_OVER = 1 << 1;
const RX_FULL = 1 << 2;
const TX_OVER = 1 << 3;
const TX_EMPTY = 1 << 4;
const TX_ABRT = 1 << 6;
const ACTIVITY = 1 << 8;
const STOP_DET = 1 << 9;
const START_DET = 1 << 10;

/** Causes of TX_ABRT_SOURCE: no answer to the address, no acknowledge of data. */
const ADDRESS_NACK = 1 << 0;
const DATA_NACK = 1 << 3;

const READ = 1 << 8;
const STOP = 1 << 9;
const RESTART = 1 << 10;

/**
 * I2C of RP2040, a DW_apb_i2c, as a master (data sheet, 4.3): commands from the FIFO, each in the time that the SCL counts give it; chips hang on
 * its bus. DMA requests are its pins `dma-rx` and `dma-tx`. Slave mode and 10-bit addresses are not modelled.
 */
export const rp2040I2c: DeviceClass = {
  name: 'rp2040-i2c',
  summary: 'RP2040 I2C master (data sheet 4.3)',
  size: peripheralSize,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const bus = environment.i2cBus(environment.name);
    const transmitRequest = environment.pin('dma-tx');
    const receiveRequest = environment.pin('dma-rx');
    const state = { commands: [] as number[], received: [] as number[], open: false, reading: false, current: -1, addressing: false };
    const done = environment.timer(() => {
      finish();
      next();
      update();
    });
    const clear = (
      name: string,
      offset: number,
      bits: number,
    ): { readonly name: string; readonly offset: number; readonly access: 'ro'; readonly read: () => number } => ({
      name,
      offset,
      access: 'ro',
      read: () => {
        const was = block.get('RAW_INTR_STAT') & bits;
        block.set('RAW_INTR_STAT', block.get('RAW_INTR_STAT') & ~bits);
        if ((bits & TX_ABRT) !== 0) block.set('TX_ABRT_SOURCE', 0);
        update();
        return was === 0 ? 0 : 1;
      },
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CON',
          offset: 0x00,
          reset: 0x65,
          writable: 0x3ff,
          write: (stored) => {
            if ((stored & 1) === 0 && (stored & 0x40) === 0) environment.warn('CON: slave mode is not modelled');
          },
        },
        { name: 'TAR', offset: 0x04, reset: 0x55, writable: 0xfff },
        { name: 'SAR', offset: 0x08, reset: 0x55, writable: 0x3ff },
        {
          name: 'DATA_CMD',
          offset: 0x10,
          writable: 0,
          read: () => {
            const byte = state.received.shift();
            if (byte === undefined) raise(RX_UNDER);
            update();
            return byte ?? 0;
          },
          write: (_stored, _before, written) => {
            // While an abort is not cleared, the FIFO is held empty.
            if (!enabled() || (block.get('RAW_INTR_STAT') & TX_ABRT) !== 0) return;
            if (state.commands.length >= depth) raise(TX_OVER);
            else state.commands.push(written & 0x7ff);
            next();
            update();
          },
        },
        { name: 'SS_SCL_HCNT', offset: 0x14, reset: 0x28, writable: 0xffff },
        { name: 'SS_SCL_LCNT', offset: 0x18, reset: 0x2f, writable: 0xffff },
        { name: 'FS_SCL_HCNT', offset: 0x1c, reset: 6, writable: 0xffff },
        { name: 'FS_SCL_LCNT', offset: 0x20, reset: 0xd, writable: 0xffff },
        { name: 'INTR_STAT', offset: 0x2c, access: 'ro', steady: true, read: () => raw() & block.get('INTR_MASK') },
        { name: 'INTR_MASK', offset: 0x30, reset: 0x8ff, writable: 0x1fff, write: update },
        { name: 'RAW_INTR_STAT', offset: 0x34, access: 'ro', steady: true, read: () => raw() },
        { name: 'RX_TL', offset: 0x38, writable: 0xff, write: update },
        { name: 'TX_TL', offset: 0x3c, writable: 0xff, write: update },
        clear('CLR_INTR', 0x40, 0x1fef & ~(RX_FULL | TX_EMPTY)),
        clear('CLR_RX_UNDER', 0x44, RX_UNDER),
        clear('CLR_RX_OVER', 0x48, RX_OVER),
        clear('CLR_TX_OVER', 0x4c, TX_OVER),
        clear('CLR_RD_REQ', 0x50, 1 << 5),
        clear('CLR_TX_ABRT', 0x54, TX_ABRT),
        clear('CLR_RX_DONE', 0x58, 1 << 7),
        clear('CLR_ACTIVITY', 0x5c, ACTIVITY),
        clear('CLR_STOP_DET', 0x60, STOP_DET),
        clear('CLR_START_DET', 0x64, START_DET),
        clear('CLR_GEN_CALL', 0x68, 1 << 11),
        {
          name: 'ENABLE',
          offset: 0x6c,
          writable: 7,
          write: (stored) => {
            if ((stored & 1) === 0) stop();
            update();
          },
        },
        { name: 'STATUS', offset: 0x70, access: 'ro', steady: true, read: () => status() },
        { name: 'TXFLR', offset: 0x74, access: 'ro', steady: true, read: () => state.commands.length },
        { name: 'RXFLR', offset: 0x78, access: 'ro', steady: true, read: () => state.received.length },
        { name: 'SDA_HOLD', offset: 0x7c, reset: 1, writable: 0xff_ffff },
        { name: 'TX_ABRT_SOURCE', offset: 0x80, access: 'ro' },
        { name: 'SLV_DATA_NACK_ONLY', offset: 0x84, writable: 1 },
        { name: 'DMA_CR', offset: 0x88, writable: 3, write: update },
        { name: 'DMA_TDLR', offset: 0x8c, writable: 0xf, write: update },
        { name: 'DMA_RDLR', offset: 0x90, writable: 0xf, write: update },
        { name: 'SDA_SETUP', offset: 0x94, reset: 0x64, writable: 0xff },
        { name: 'ACK_GENERAL_CALL', offset: 0x98, reset: 1, writable: 1 },
        { name: 'ENABLE_STATUS', offset: 0x9c, access: 'ro', steady: true, read: () => block.get('ENABLE') & 1 },
        { name: 'FS_SPKLEN', offset: 0xa0, reset: 7, writable: 0xff },
        clear('CLR_RESTART_DET', 0xa8, 1 << 12),
        { name: 'COMP_PARAM_1', offset: 0xf4, access: 'ro' },
        { name: 'COMP_VERSION', offset: 0xf8, access: 'ro', reset: 0x3230_312a },
        { name: 'COMP_TYPE', offset: 0xfc, access: 'ro', reset: 0x4457_0140 },
      ],
      extra: state,
      reset: () => {
        stop();
        update();
      },
    });

    function enabled(): boolean {
      return (block.get('ENABLE') & 1) === 1;
    }
    function raise(bits: number): void {
      block.set('RAW_INTR_STAT', block.get('RAW_INTR_STAT') | bits);
    }
    /** RX_FULL and TX_EMPTY are what the FIFOs say; with CON.TX_EMPTY_CTRL the last byte must be out, too. */
    function raw(): number {
      const full = state.received.length > block.get('RX_TL') ? RX_FULL : 0;
      const isOut = (block.get('CON') & 0x100) === 0 || state.current < 0;
      const empty = enabled() && isOut && state.commands.length <= block.get('TX_TL') ? TX_EMPTY : 0;
      return block.get('RAW_INTR_STAT') | full | empty;
    }
    function status(): number {
      const busy = state.open || state.current >= 0 ? 0x21 : 0;
      return (
        busy |
        (state.commands.length < depth ? 2 : 0) |
        (state.commands.length === 0 ? 4 : 0) |
        (state.received.length > 0 ? 8 : 0) |
        (state.received.length >= depth ? 0x10 : 0)
      );
    }
    function stop(): void {
      Object.assign(state, { commands: [], received: [], open: false, reading: false, current: -1, addressing: false });
      done.clear();
      bus.stop();
    }
    /** CPU cycles of a bit: both counts of clk_sys, with what the controller adds (data sheet 4.3.14.1). */
    function bitTime(): number {
      const fast = ((block.get('CON') >>> 1) & 3) !== 1;
      const high = block.get(fast ? 'FS_SCL_HCNT' : 'SS_SCL_HCNT') + block.get('FS_SPKLEN') + 7;
      return high + block.get(fast ? 'FS_SCL_LCNT' : 'SS_SCL_LCNT') + 1;
    }
    function wait(bits: number): void {
      done.set(environment.timeline.now + bits * bitTime());
    }

    function next(): void {
      if (state.current >= 0 || !enabled()) return;
      const command = state.commands.shift();
      if (command === undefined) return;
      state.current = command;
      const read = (command & READ) !== 0;
      // An address first where the transfer begins, turns around, or is told to.
      state.addressing = !state.open || read !== state.reading || (command & RESTART) !== 0;
      if (state.addressing) raise(START_DET | ACTIVITY);
      wait(state.addressing ? 10 : 9);
    }

    function finish(): void {
      const command = state.current;
      if (command < 0) return;
      const read = (command & READ) !== 0;
      if (state.addressing) {
        state.addressing = false;
        if (!bus.start(block.get('TAR') & 0x7f, read)) {
          abort(ADDRESS_NACK);
          return;
        }
        state.open = true;
        state.reading = read;
        wait(9);
        return;
      }
      if (read) {
        const byte = bus.read();
        if (state.received.length >= depth) raise(RX_OVER);
        else state.received.push(byte);
      } else if (!bus.write(command & 0xff)) {
        abort(DATA_NACK);
        return;
      }
      state.current = -1;
      if ((command & STOP) !== 0) end();
    }
    function end(): void {
      bus.stop();
      state.open = false;
      raise(STOP_DET);
    }
    /** The FIFO is flushed; its fill is told in the upper bits of the source. */
    function abort(cause: number): void {
      block.set('TX_ABRT_SOURCE', cause | (state.commands.length << 23));
      state.commands = [];
      state.current = -1;
      raise(TX_ABRT);
      end();
    }
    function update(): void {
      irq.set((raw() & block.get('INTR_MASK')) !== 0);
      // Last, because a DMA controller answers within the call. While an abort is not cleared, nothing is asked for.
      const requests = (block.get('RAW_INTR_STAT') & TX_ABRT) === 0 ? block.get('DMA_CR') : 0;
      receiveRequest.drive((requests & 1) !== 0 && state.received.length > block.get('DMA_RDLR'));
      transmitRequest.drive((requests & 2) !== 0 && enabled() && state.commands.length <= block.get('DMA_TDLR'));
    }
    return withAtomicAliases(block);
  },
};
