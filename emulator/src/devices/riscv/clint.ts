import type { DeviceClass, DeviceEnvironment } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

/** Offsets of the SiFive CLINT, which ACLINT keeps (RISC-V ACLINT specification 1.0, 2.1 and 3.1). */
const msipOffset = 0x0000;
const mtimecmpOffset = 0x4000;
const mtimeOffset = 0xbff8;

const mask32 = 0xffff_ffffn;
/** So many ticks, years of them, are never reached; beyond 2^53 they could not be counted. Firmware writes all ones for no alarm. */
const mostTicks = 2 ** 50;

/** mtime and mtimecmp of one hart: 64 bits, of which the counter of the board's clock holds what has passed since mtime was written. */
class MachineTimer {
  readonly state = { base: new BigUint64Array(1), compare: new BigUint64Array(1) };
  readonly alarm: TickAlarm;
  readonly #output: { set(level: boolean): void };

  constructor(environment: DeviceEnvironment) {
    this.#output = environment.interrupt('mtip');
    this.alarm = new TickAlarm(environment, environment.clock('mtime'), () => {
      this.compareChanged();
    });
  }

  reset(): void {
    this.state.base[0] = 0n;
    // Not defined by the specification; this one asks for no interrupt.
    this.state.compare[0] = 2n ** 64n - 1n;
    this.alarm.restart(0, { running: true });
    this.compareChanged();
  }

  get time(): bigint {
    return BigInt.asUintN(64, (this.state.base[0] ?? 0n) + BigInt(this.alarm.ticks));
  }

  set time(value: bigint) {
    this.state.base[0] = value;
    this.alarm.restart(0);
    this.compareChanged();
  }

  get compare(): bigint {
    return this.state.compare[0] ?? 0n;
  }

  set compare(value: bigint) {
    this.state.compare[0] = value;
    this.compareChanged();
  }

  /** MTIP is high while mtime is not below mtimecmp, both unsigned (privileged architecture, 3.2.1). */
  compareChanged(): void {
    const { time, compare } = this;
    this.#output.set(time >= compare);
    const target = this.alarm.ticks + Number(compare - time);
    this.alarm.set(time >= compare || target > mostTicks ? Infinity : target);
  }
}

/** Core-local interruptor of one hart: software interrupt and machine timer. */
export const clint: DeviceClass = {
  name: 'clint',
  summary: 'SiFive CLINT, RISC-V ACLINT with MTIMER and MSWI of one hart (RISC-V ACLINT 1.0)',
  size: 0xc000,
  interrupts: ['msip', 'mtip'],
  clocks: ['mtime'],
  deviceTree: { node: 'clint', compatible: ['sifive,clint0', 'riscv,clint0'] },
  create(environment) {
    const timer = new MachineTimer(environment);
    const software = environment.interrupt('msip');
    environment.provideTime(() => timer.time);
    const withLow = (before: bigint, written: number): bigint => (before & ~mask32) | BigInt(written);
    const withHigh = (before: bigint, written: number): bigint => (before & mask32) | (BigInt(written) << 32n);
    return new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'msip',
          offset: msipOffset,
          writable: 1,
          write: (stored) => {
            software.set((stored & 1) === 1);
          },
        },
        {
          name: 'mtimecmp',
          offset: mtimecmpOffset,
          steady: true,
          read: () => Number(timer.compare & mask32),
          write: (stored) => {
            timer.compare = withLow(timer.compare, stored);
          },
        },
        {
          name: 'mtimecmph',
          offset: mtimecmpOffset + 4,
          steady: true,
          read: () => Number(timer.compare >> 32n),
          write: (stored) => {
            timer.compare = withHigh(timer.compare, stored);
          },
        },
        {
          name: 'mtime',
          offset: mtimeOffset,
          read: () => Number(timer.time & mask32),
          write: (stored) => {
            timer.time = withLow(timer.time, stored);
          },
        },
        {
          name: 'mtimeh',
          offset: mtimeOffset + 4,
          read: () => Number(timer.time >> 32n),
          write: (stored) => {
            timer.time = withHigh(timer.time, stored);
          },
        },
      ],
      extra: { timer: timer.state, alarm: timer.alarm.state },
      reset: () => {
        software.set(false);
        timer.reset();
      },
    });
  },
};
