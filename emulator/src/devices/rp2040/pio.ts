import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters } from './interrupts.js';
import { PioMachine, type PioSetting } from './pio-machine.js';

const numbersBelow = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
const numbers = numbersBelow(4);
const pinNumbers = numbersBelow(30);
/** Registers that say how a state machine works: offset, bits that are written, reset value. */
const settings = [
  ['CLKDIV', 0xc8, 0xffff_ff00, 0x0001_0000],
  ['EXECCTRL', 0xcc, 0x7fff_ff9f, 0x0001_f000],
  ['SHIFTCTRL', 0xd0, 0xffff_0000, 0x000c_0000],
  ['PINCTRL', 0xdc, 0xffff_ffff, 0x1400_0000],
] as const;

/**
 * One of the two PIO blocks of RP2040 (data sheet, chapter 3): four state machines (pio-machine.ts) with their FIFOs, 32 instructions, eight interrupt flags.
 * Outputs are the pins `out.N` and `oe.N`, for the I/O bank to choose; inputs are the bank's. FIFOs ask for DMA by `dma-tx.N` and `dma-rx.N`. What a machine
 * changes is seen from the next cycle on; the two cycles of input synchronizers are not there, nor OUT_STICKY.
 */
export const rp2040Pio: DeviceClass = {
  name: 'rp2040-pio',
  summary: 'RP2040 PIO (data sheet, chapter 3)',
  size: peripheralSize,
  interrupts: ['irq0', 'irq1'],
  create(environment) {
    const { timeline } = environment;
    const outputs = [0, 1].map((line) => ({ signal: environment.interrupt(`irq${line}`), enabled: `INTE${line}`, forced: `INTF${line}` }));
    const pins = { levels: pinNumbers.map((pin) => environment.pin(`out.${pin}`)), directions: pinNumbers.map((pin) => environment.pin(`oe.${pin}`)) };
    const inputs = pinNumbers.map((pin) => environment.wire(`io_bank0.in.${pin}`));
    const requests = { tx: numbers.map((number) => environment.pin(`dma-tx.${number}`)), rx: numbers.map((number) => environment.pin(`dma-rx.${number}`)) };
    /** `touched`: pins that a machine has ever driven. */
    const state = { memory: new Uint16Array(32), flags: 0, levels: 0, directions: 0, touched: 0, inputs: 0 };
    const initial = { ...state, memory: undefined };
    /** What machines have changed in this cycle. Empty between accesses. */
    const changes = { set: 0, clear: 0, levels: 0, directions: 0 };
    let running = false;
    /** Of `isWatched`, as it was at the last access or since somebody began to listen, and for these pins. */
    const watch = { is: false, touched: 0 };
    const timer = environment.timer(() => {
      run();
      tell();
    });
    const setting = numbers.map((): Record<keyof PioSetting, number> => ({ CLKDIV: 0, EXECCTRL: 0, SHIFTCTRL: 0, PINCTRL: 0 }));
    const machines = numbers.map((number) => {
      const own = setting[number] ?? { CLKDIV: 0, EXECCTRL: 0, SHIFTCTRL: 0, PINCTRL: 0 };
      return new PioMachine(number, () => own, {
        instruction: (address) => state.memory[address] ?? 0,
        inputs: () => state.inputs,
        flags: () => state.flags,
        changeFlags: (set, clear) => {
          changes.set |= set;
          changes.clear |= clear;
        },
        drive: (kind, mask, value) => {
          changes[kind] = ((changes[kind] & ~mask) | (value & mask)) >>> 0;
          state.touched |= mask;
        },
        stalledOn: (fifo) => {
          block.set('FDEBUG', block.get('FDEBUG') | stallBit(fifo, number));
        },
      });
    });
    const machine = (number: number): PioMachine => machines[number] ?? machines[0]!;

    /** A write whose effect begins now: everything before it happens first. */
    const effect =
      (name: (index: number) => string, act: (stored: number, written: number, index: number) => void) =>
      (stored: number, before: number, written: number, index: number): void => {
        block.set(name(index), before);
        run();
        block.set(name(index), stored);
        act(stored, written, index);
        finishCycle(timeline.now);
        wakeAll(timeline.now);
        update();
      };
    const word = (of: (machine: PioMachine) => number, low: number, stride: number): number =>
      machines.reduce((value, one, number) => (value | (of(one) << (low + stride * number))) >>> 0, 0);
    const reading =
      (read: (index: number) => number) =>
      (_stored: number, index: number): number => {
        run();
        const value = read(index);
        update();
        return value;
      };

    const settingRegisters = numbers.flatMap((number) =>
      settings.map(([register, offset, writable, reset]): RegisterDescription => {
        const name = `SM${number}_${register}`;
        return {
          name,
          offset: offset + number * 0x18,
          writable,
          reset,
          ...(register === 'EXECCTRL' ? { read: reading(() => block.get(name) + (machine(number).state.forced ? 0x8000_0000 : 0)) } : {}),
          write: (stored, before, written, index) => {
            effect(
              () => name,
              () => {
                const joins = register === 'SHIFTCTRL' && (stored ^ before) >>> 30 !== 0;
                if (joins) Object.assign(machine(number).state, { tx: [], rx: [] });
                adoptSettings();
              },
            )(stored, before, written, index);
          },
        };
      }),
    );
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CTRL',
          offset: 0x000,
          writable: 0xf,
          write: effect(
            () => 'CTRL',
            (stored, written) => {
              for (const number of numbers) {
                if ((written >>> (4 + number)) & 1) machine(number).restart();
                if ((written >>> (8 + number)) & 1) machine(number).restartClock(timeline.now);
                machine(number).enable(((stored >>> number) & 1) === 1, timeline.now);
              }
            },
          ),
        },
        {
          name: 'FSTAT',
          offset: 0x004,
          access: 'ro',
          read: reading(
            () =>
              word((one) => Number(one.state.tx.length === 0), 24, 1) +
              word((one) => Number(one.isFull('tx')), 16, 1) +
              word((one) => Number(one.state.rx.length === 0), 8, 1) +
              word((one) => Number(one.isFull('rx')), 0, 1),
          ),
        },
        {
          name: 'FDEBUG',
          offset: 0x008,
          access: 'w1c',
          writable: 0x0f0f_0f0f,
          read: reading(() => {
            // One that goes on waiting says so again.
            for (const { state: waiting, number } of machines)
              if (waiting.wait === 'tx' || waiting.wait === 'rx') block.set('FDEBUG', block.get('FDEBUG') | stallBit(waiting.wait, number));
            return block.get('FDEBUG');
          }),
        },
        {
          name: 'FLEVEL',
          offset: 0x00c,
          access: 'ro',
          read: reading(() => word((one) => one.state.tx.length, 0, 8) + word((one) => one.state.rx.length, 4, 8)),
        },
        {
          name: 'TXF',
          offset: 0x010,
          count: 4,
          access: 'wo',
          write: effect(
            (index) => `TXF${index}`,
            (_stored, written, index) => {
              if (machine(index).isFull('tx')) block.set('FDEBUG', block.get('FDEBUG') | (0x1_0000 << index));
              else machine(index).state.tx.push(written);
            },
          ),
        },
        {
          name: 'RXF',
          offset: 0x020,
          count: 4,
          access: 'ro',
          read: (_stored, index) => {
            run();
            const value = machine(index).state.rx.shift();
            if (value === undefined) block.set('FDEBUG', block.get('FDEBUG') | (0x100 << index));
            machine(index).wake(timeline.now);
            finishCycle(timeline.now);
            update();
            return value ?? 0;
          },
        },
        {
          name: 'IRQ',
          offset: 0x030,
          writable: 0,
          read: reading(() => state.flags),
          write: effect(
            () => 'IRQ',
            (_stored, written) => {
              changes.clear |= written & 0xff;
            },
          ),
        },
        {
          name: 'IRQ_FORCE',
          offset: 0x034,
          access: 'wo',
          write: effect(
            () => 'IRQ_FORCE',
            (_stored, written) => {
              changes.set |= written & 0xff;
            },
          ),
        },
        { name: 'INPUT_SYNC_BYPASS', offset: 0x038 },
        { name: 'DBG_PADOUT', offset: 0x03c, access: 'ro', read: reading(() => state.levels) },
        { name: 'DBG_PADOE', offset: 0x040, access: 'ro', read: reading(() => state.directions) },
        { name: 'DBG_CFGINFO', offset: 0x044, access: 'ro', reset: 0x0020_0404 },
        {
          name: 'INSTR_MEM',
          offset: 0x048,
          count: 32,
          access: 'wo',
          writable: 0xffff,
          write: effect(
            (index) => `INSTR_MEM${index}`,
            (stored, _written, index) => {
              state.memory[index] = stored;
            },
          ),
        },
        ...settingRegisters,
        { name: 'SM_ADDR', offset: 0x0d4, count: 4, stride: 0x18, access: 'ro', read: reading((index) => machine(index).state.pc) },
        {
          name: 'SM_INSTR',
          offset: 0x0d8,
          count: 4,
          stride: 0x18,
          read: reading((index) => {
            const { execute, pc } = machine(index).state;
            return execute >= 0 ? execute : (state.memory[pc] ?? 0);
          }),
          write: effect(
            (index) => `SM_INSTR${index}`,
            (stored, _written, index) => {
              machine(index).force(stored & 0xffff, timeline.now);
            },
          ),
        },
        { name: 'INTR', offset: 0x128, access: 'ro', read: reading(raw) },
        ...interruptRegisters(0x12c, { bits: 0xfff, suffix: '0', raw: raw, block: () => block, update }),
        ...interruptRegisters(0x138, { bits: 0xfff, suffix: '1', raw: raw, block: () => block, update }),
      ],
      extra: { state, machines: machines.map((one) => one.state) },
      restored: () => {
        watch.touched = -1;
        adoptSettings();
      },
      reset: () => {
        state.memory.fill(0);
        Object.assign(state, { ...initial, memory: state.memory, inputs: inputs.reduce((value, pin, index) => (pin.level ? value | (1 << index) : value), 0) });
        Object.assign(changes, { set: 0, clear: 0, levels: 0, directions: 0 });
        for (const one of machines) one.reset();
        adoptSettings();
        for (const pin of [...pins.levels, ...pins.directions]) pin.drive(false);
        update();
      },
    });

    const settle = (): void => {
      run();
    };
    for (const pin of [...pins.levels, ...pins.directions, ...requests.tx, ...requests.rx]) pin.oscillates({ settle, heard: update, changed: () => undefined });
    inputs.forEach((pin, index) => {
      pin.onChange((level) => {
        const now = timeline.now;
        if (!running) run();
        state.inputs = (level ? state.inputs | (1 << index) : state.inputs & ~(1 << index)) >>> 0;
        wakeAll(now);
        if (!running) update();
      });
    });

    function stallBit(fifo: 'tx' | 'rx', number: number): number {
      return (fifo === 'tx' ? 0x100_0000 : 1) << number;
    }
    function adoptSettings(): void {
      setting.forEach((own, number) => {
        for (const [register] of settings) own[register] = block.get(`SM${number}_${register}`);
      });
    }
    function wakeAll(cycle: number): void {
      for (const one of machines) one.wake(cycle);
    }

    /** Lets everything happen up to now. */
    function run(): void {
      if (running) return;
      running = true;
      const { now } = timeline;
      for (;;) {
        let cycle = Infinity;
        for (const one of machines) {
          if (one.next < now) one.skip(now);
          cycle = Math.min(cycle, one.next);
        }
        if (cycle > now) break;
        for (const one of machines) if (one.next === cycle) one.step();
        finishCycle(cycle);
      }
      running = false;
    }

    /** What machines have done in a cycle becomes visible. */
    function finishCycle(cycle: number): void {
      const flags = (state.flags | changes.set) & ~changes.clear;
      const haveChanged = flags !== state.flags;
      state.flags = flags;
      changes.set = 0;
      changes.clear = 0;
      for (const kind of ['levels', 'directions'] as const) {
        let changed = (changes[kind] ^ state[kind]) >>> 0;
        state[kind] = changes[kind];
        for (; changed !== 0; changed &= changed - 1) {
          const pin = 31 - Math.clz32(changed & -changed);
          pins[kind][pin]?.drive(((state[kind] >>> pin) & 1) === 1);
        }
      }
      if (haveChanged) wakeAll(cycle);
    }

    /** INTR: flags, FIFOs that take or have something. */
    function raw(): number {
      let bits = (state.flags & 0xf) << 8;
      for (const one of machines) bits |= ((one.state.rx.length > 0 ? 1 : 0) | (one.isFull('tx') ? 0 : 0x10)) << one.number;
      return bits;
    }

    /** Is somebody to be told what machines do as soon as they do it? */
    function isWatched(): boolean {
      if ((block.get('INTE0') | block.get('INTE1')) !== 0) return true;
      if ([...requests.tx, ...requests.rx].some((pin) => pin.isHeard)) return true;
      for (let touched = state.touched; touched !== 0; touched &= touched - 1) {
        const pin = 31 - Math.clz32(touched & -touched);
        if (pins.levels[pin]?.isHeard === true || pins.directions[pin]?.isHeard === true) return true;
      }
      return false;
    }

    /** After an access, and where somebody begins to listen. */
    function update(): void {
      watch.touched = -1;
      tell();
    }

    /** Interrupts, requests, and the next look at machines where somebody waits for what they do. */
    function tell(): void {
      const now = raw();
      for (const { signal, enabled, forced } of outputs) signal.set((now & block.get(enabled)) !== 0 || block.get(forced) !== 0);
      for (const { number, state: own } of machines) {
        requests.tx[number]?.drive(((now >>> (4 + number)) & 1) === 1);
        requests.rx[number]?.drive(own.rx.length > 0);
      }
      if (watch.touched !== state.touched) Object.assign(watch, { is: isWatched(), touched: state.touched });
      let next = Infinity;
      if (watch.is) for (const one of machines) next = Math.min(next, one.nextVisible);
      if (next === Infinity) timer.clear();
      else timer.set(next);
    }
    return withAtomicAliases(block);
  },
};
