import { afterEach, describe, expect, it } from '@jest/globals';
import type { UnmappedListener } from '../machine/background.js';
import type { MachineEnd } from '../machine/machine-end.js';
import type { DeviceClass } from '../machine/device.js';
import type { Machine } from '../machine/machine.js';
import { RegisterBlock } from '../machine/register-block.js';
import { dataBase, guest, word } from '../testing/arm/guest.js';
import { program } from '../testing/arm/programs.js';
import { armCores } from './cores.js';
import { exception } from './exceptions.js';
import { cfsr, dfsrBreakpoint, hfsr } from './scb.js';

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

const bodyBase = 0x200;
const svcBase = 0x300;
/** From the System Control Block's first register. */
const shcsr = 0x24;
const ccr = 0x14;
const cpacr = 0x88;

interface Outcome {
  readonly end: MachineEnd;
  readonly exception: number;
  readonly excReturn: number;
  readonly pc: number;
  readonly cfsr: number;
  readonly hfsr: number;
  readonly dfsr: number;
  readonly mmfar: number;
  readonly bfar: number;
  /** The word at which stores to the misaligned address begin. */
  readonly stored: number;
}

/** A machine whose program is undefined, without a handler for that, and whose HardFault handler begins with an instruction. */
function inHardFault(core: string, handler: number): Machine {
  const bytes = new Uint8Array(0x400);
  bytes.set(program('faults'));
  const view = new DataView(bytes.buffer);
  view.setUint16(bodyBase, 0xde00, true);
  view.setUint32(12, svcBase + 1, true);
  view.setUint16(svcBase, handler, true);
  const machine = guest({ core, program: bytes });
  machines.push(machine);
  return machine;
}

/** Runs code at 0x200, and SVC's handler, after some system registers have been written. */
function fault(
  core: string,
  body: readonly number[],
  options: { readonly svc?: readonly number[]; readonly write?: Readonly<Record<number, number>>; readonly onUnmapped?: UnmappedListener } = {},
): Outcome {
  const bytes = new Uint8Array(0x400);
  bytes.set(program('faults'));
  const view = new DataView(bytes.buffer);
  body.forEach((halfword, index) => {
    view.setUint16(bodyBase + 2 * index, halfword, true);
  });
  [...(options.svc ?? [0x4770])].forEach((halfword, index) => {
    view.setUint16(svcBase + 2 * index, halfword, true);
  });
  const machine = guest({ core, program: bytes, onUnmapped: options.onUnmapped });
  machines.push(machine);
  machine.processor.onSemihosting = () => ({ exit: 0 });
  for (const [offset, value] of Object.entries(options.write ?? {})) machine.bus.write(0xe000_ed00 + Number(offset), 4, value);
  const end = machine.run({ instructions: 1000 });
  const noted = Array.from({ length: 10 }, (_, index) => word(machine, dataBase + 4 * index));
  const [number = 0, excReturn = 0, pc = 0, , status = 0, hard = 0, debug = 0, mmfar = 0, bfar = 0] = noted;
  return { end, exception: number, excReturn, pc, cfsr: status, hfsr: hard, dfsr: debug, mmfar, bfar, stored: word(machine, 0x2000_1000) };
}

interface Case {
  readonly name: string;
  readonly body: readonly number[];
  readonly svc?: readonly number[];
  readonly write?: Readonly<Record<number, number>>;
  /** The exception where it is enabled. */
  readonly exception: number;
  readonly status: number;
  readonly address?: number;
  /** Of the instruction that the frame shows, behind 0x200; undefined: not looked at. */
  readonly at?: number;
  /** Is there no fault where loads from nothing give 0? */
  readonly unmapped?: true;
  /** Only on cores with this. */
  readonly only?: (core: { readonly version: number; readonly floats: boolean; readonly name: string }) => boolean;
}

const nop = 0xbf00;
const mainline = ({ version }: { readonly version: number }): boolean => version >= 7;
const baseline = ({ version }: { readonly version: number }): boolean => version === 6;
const { usageFault, busFault, memManage } = exception;

const cases: readonly Case[] = [
  { name: 'udf', body: [nop, 0xde00], exception: usageFault, status: cfsr.UNDEFINSTR, at: 2 },
  { name: 'bx to an even address', body: [0x2680, 0x4730], exception: usageFault, status: cfsr.INVSTATE },
  { name: 'mcr p1', body: [nop, 0xee00, 0x0110], exception: usageFault, status: cfsr.NOCP, at: 2, only: mainline },
  { name: 'vmov without CPACR', body: [nop, 0xee00, 0x0a10], exception: usageFault, status: cfsr.NOCP, at: 2, only: mainline },
  { name: 'sdiv by zero', body: [0xfb90, 0xf0f3], write: { [ccr]: 0x210 }, exception: usageFault, status: cfsr.DIVBYZERO, at: 0, only: mainline },
  { name: 'udiv by zero', body: [nop, 0xfbb0, 0xf0f3], write: { [ccr]: 0x210 }, exception: usageFault, status: cfsr.DIVBYZERO, at: 2, only: mainline },
  { name: 'ldr of a misaligned word', body: [0x6810], write: { [ccr]: 0x208 }, exception: usageFault, status: cfsr.UNALIGNED, at: 0 },
  { name: 'strh at a misaligned address', body: [nop, 0x8010], write: { [ccr]: 0x208 }, exception: usageFault, status: cfsr.UNALIGNED, at: 2 },
  { name: 'ldm at a misaligned address', body: [0xca03], exception: usageFault, status: cfsr.UNALIGNED, at: 0 },
  { name: 'stm at a misaligned address', body: [0xc203], exception: usageFault, status: cfsr.UNALIGNED, at: 0 },
  { name: 'ldrd at a misaligned address', body: [0xe9d2, 0x0100], exception: usageFault, status: cfsr.UNALIGNED, at: 0, only: mainline },
  { name: 'ldrex at a misaligned address', body: [0xe852, 0x0f00], exception: usageFault, status: cfsr.UNALIGNED, at: 0, only: mainline },
  {
    name: 'vldr at a misaligned address',
    body: [0xed92, 0x0a00],
    write: { [cpacr]: 0xf0_0000 },
    exception: usageFault,
    status: cfsr.UNALIGNED,
    at: 0,
    only: ({ floats }) => floats,
  },
  // cmp r3, #0; itt eq: what comes second is conditional, and executed.
  {
    name: 'sdiv by zero in an IT block',
    body: [0x2b00, 0xbf04, nop, 0xfb90, 0xf0f3],
    write: { [ccr]: 0x210 },
    exception: usageFault,
    status: cfsr.DIVBYZERO,
    at: 6,
    only: mainline,
  },
  {
    name: 'ldm at a misaligned address in an IT block',
    body: [0x2b00, 0xbf04, nop, 0xca03],
    exception: usageFault,
    status: cfsr.UNALIGNED,
    at: 6,
    only: mainline,
  },
  {
    name: 'stm at a misaligned address in an IT block',
    body: [0x2b00, 0xbf04, nop, 0xc203],
    exception: usageFault,
    status: cfsr.UNALIGNED,
    at: 6,
    only: mainline,
  },
  {
    name: 'strd at a misaligned address in an IT block',
    body: [0x2b00, 0xbf04, nop, 0xe9c2, 0x0100],
    exception: usageFault,
    status: cfsr.UNALIGNED,
    at: 6,
    only: mainline,
  },
  {
    name: 'str at a misaligned address in an IT block',
    body: [0x2b00, 0xbf04, nop, 0x6010],
    write: { [ccr]: 0x208 },
    exception: usageFault,
    status: cfsr.UNALIGNED,
    at: 6,
    only: mainline,
  },
  { name: 'vmov without CPACR in an IT block', body: [0x2b00, 0xbf04, nop, 0xee00, 0x0a10], exception: usageFault, status: cfsr.NOCP, at: 6, only: mainline },
  // The condition is false for the division, and udf comes behind it.
  {
    name: 'a division by zero that an IT block leaves out',
    body: [0x2b00, 0xbf0c, nop, 0xfb90, 0xf0f3, 0xde00],
    write: { [ccr]: 0x210 },
    exception: usageFault,
    status: cfsr.UNDEFINSTR,
    at: 10,
    only: mainline,
  },
  { name: 'cbz', body: [nop, 0xb103], exception: usageFault, status: cfsr.UNDEFINSTR, at: 2, only: baseline },
  { name: 'cbnz', body: [nop, 0xbb23], exception: usageFault, status: cfsr.UNDEFINSTR, at: 2, only: baseline },
  { name: 'it', body: [nop, 0xbf08], exception: usageFault, status: cfsr.UNDEFINSTR, at: 2, only: baseline },
  ...[
    [0xfbb0, 0xf0f3],
    [0xf240, 0x0001],
    [0xe9d2, 0x0100],
    [0xf000, 0xb800],
    [0xf3af, 0x8000],
    [0xe850, 0x0f00],
  ].map(([first = 0, second = 0]): Case => ({
    name: `${first.toString(16)} ${second.toString(16)}, of 32 bits`,
    body: [nop, first, second],
    exception: usageFault,
    status: cfsr.UNDEFINSTR,
    at: 2,
    only: baseline,
  })),
  { name: 'ldr from nowhere', body: [nop, 0x6840], exception: busFault, status: cfsr.PRECISERR, address: 0x3000_0004, at: 2, unmapped: true },
  { name: 'strb to nowhere', body: [0x7003], exception: busFault, status: cfsr.PRECISERR, address: 0x3000_0000, at: 0, unmapped: true },
  { name: 'str to ROM', body: [0x601b], exception: busFault, status: cfsr.PRECISERR, address: 0, at: 0 },
  { name: 'a jump to nowhere', body: [0x1c46, 0x4730], exception: busFault, status: cfsr.IBUSERR }, // adds r6, r0, #1; bx r6
  { name: 'a jump to a device', body: [0x1c4e, 0x4730], exception: memManage, status: cfsr.IACCVIOL },
  // mvns r6, r3; bx r6: 0xFFFFFFFF is no EXC_RETURN in Thread mode.
  { name: 'a jump to the end of memory', body: [0x43de, 0x4730], exception: memManage, status: cfsr.IACCVIOL },
  // The handler: movs r6, #4; mvns r6, r6; bx r6, which is 0xFFFFFFFB
  { name: 'an impossible EXC_RETURN', body: [0xdf00], svc: [0x2604, 0x43f6, 0x4730], exception: usageFault, status: cfsr.INVPC, only: mainline },
  // movs r6, #14; mvns r6, r6: 0xFFFFFFF1, to Handler mode where there is none
  {
    name: 'EXC_RETURN to a handler where none is active',
    body: [0xdf00],
    svc: [0x260e, 0x43f6, 0x4730],
    exception: usageFault,
    status: cfsr.INVPC,
    only: mainline,
  },
  // The handler clears its frame's xPSR but for T: the number is right. With 1 as number, it is not: movs r6, #1; strb r6, [sp, #28].
  { name: 'a frame that returns to a handler in Thread mode', body: [0xdf00], svc: [0x2601, 0x9607, 0x4770], exception: usageFault, status: cfsr.INVPC },
  // mov sp, r0; svc. The word at 0x20000040 says that there is no frame.
  { name: 'a stack that is nowhere, on entry', body: [0x2610, 0x2520, 0x062d, 0x642e, 0x4685, 0xdf00], exception: busFault, status: cfsr.STKERR },
  {
    name: 'a stack that is nowhere, on return',
    body: [0xdf00],
    svc: [0x2610, 0x2520, 0x062d, 0x642e, 0x4685, 0x4770],
    exception: busFault,
    status: cfsr.UNSTKERR,
  },
];

describe.each([...armCores.values()])('$name', (core) => {
  const applicable = cases.filter(({ only }) => only?.(core) ?? true);
  it.each(applicable)('$name', ({ body, svc, write, exception: number, status, address, at }) => {
    const options = { ...(svc === undefined ? {} : { svc }), ...(write === undefined ? {} : { write }) };
    const hard = fault(core.name, body, options);
    expect(hard.end).toMatchObject({ kind: 'exit' });
    expect(hard.exception).toBe(exception.hardFault);
    if (at !== undefined) expect(hard.pc).toBe(bodyBase + at);
    if (status === cfsr.UNALIGNED) expect(hard.stored).toBe(0);
    if (core.version === 6) return;
    const expected = (status | (address === undefined ? 0 : number === memManage ? cfsr.MMARVALID : cfsr.BFARVALID)) >>> 0;
    expect({ cfsr: hard.cfsr, hfsr: hard.hfsr }).toEqual({ cfsr: expected, hfsr: hfsr.FORCED });
    if (address !== undefined) expect(hard.bfar).toBe(address);
    const own = fault(core.name, body, { ...options, write: { ...write, [shcsr]: 0x7_0000 } });
    expect({ exception: own.exception, cfsr: own.cfsr, hfsr: own.hfsr }).toEqual({ exception: number, cfsr: expected, hfsr: 0 });
  });

  it.each(applicable.filter(({ unmapped }) => unmapped !== true))('$name, where loads from nothing give 0', ({ body, svc, write }) => {
    const options = { ...(svc === undefined ? {} : { svc }), ...(write === undefined ? {} : { write }) };
    expect(fault(core.name, body, { ...options, onUnmapped: () => undefined })).toEqual(fault(core.name, body, options));
  });

  it('SVC where it is masked is a HardFault', () => {
    const outcome = fault(core.name, [0xb672, 0xdf00]); // cpsid i; svc
    expect(outcome.exception).toBe(exception.hardFault);
    if (core.version > 6) expect({ hfsr: outcome.hfsr, cfsr: outcome.cfsr }).toEqual({ hfsr: hfsr.FORCED, cfsr: 0 });
  });
  it('BKPT without a debugger is a HardFault', () => {
    const outcome = fault(core.name, [0xbe00]);
    expect({ exception: outcome.exception, pc: outcome.pc }).toEqual({ exception: exception.hardFault, pc: bodyBase });
    if (core.version > 6) expect({ hfsr: outcome.hfsr, dfsr: outcome.dfsr }).toEqual({ hfsr: hfsr.DEBUGEVT, dfsr: dfsrBreakpoint });
  });
  it('a vector that cannot be read is a HardFault, and lock-up where it is that of HardFault', () => {
    if (core.name === 'cortex-m0') return;
    // The vector table goes where nothing is: str r0, [r4, #8]; svc
    expect(fault(core.name, [0x60a0, 0xdf00]).end).toMatchObject({ kind: 'fault', message: expect.stringContaining('lock-up') as unknown });
  });
  it.each([true, false])('with CCR.BFHFNMIGN %s, loads from nothing and stores to nothing are passed over in HardFault, or lock the core up', (ignored) => {
    if (core.version === 6) return;
    const bytes = new Uint8Array(0x400);
    bytes.set(program('faults'));
    const view = new DataView(bytes.buffer);
    view.setUint16(bodyBase, 0xde00, true);
    view.setUint32(12, svcBase + 1, true); // HardFault's handler
    // ldr r1, [r0, #4]; str r4, [r0]; stmia r0!, {r1, r4}; ldmia r0!, {r5, r6}; cmp r3, #0; itt eq; ldrheq r7, [r0]; ldrbeq r7, [r0, #1]; bkpt #0xab
    [0x6841, 0x6004, 0xc012, 0xc860, 0x2b00, 0xbf04, 0x8807, 0x7847, 0xbeab].forEach((halfword, index) => {
      view.setUint16(svcBase + 2 * index, halfword, true);
    });
    const machine = guest({ core: core.name, program: bytes });
    machines.push(machine);
    machine.processor.onSemihosting = () => ({ exit: 0 });
    machine.bus.write(0xe000_ed14, 4, ignored ? 0x300 : 0x200);
    const end = machine.run({ instructions: 1000 });
    if (!ignored) {
      expect(end).toMatchObject({ kind: 'fault', pc: svcBase });
      return;
    }
    expect(end).toMatchObject({ kind: 'exit' });
    expect(['r0', 'r1', 'r5', 'r6', 'r7'].map((name) => machine.processor.readRegister(name))).toEqual([0x3000_0010, 0, 0, 0, 0]);
  });
  it('a fault inside of HardFault locks the core up', () => {
    const outcome = fault(core.name, [0xb672, 0xde00, 0xde00], { write: core.version === 6 ? {} : { [shcsr]: 0 } });
    expect(outcome.exception).toBe(exception.hardFault);
    const machine = inHardFault(core.name, 0xde00);
    expect(machine.run({ instructions: 1000 })).toMatchObject({
      kind: 'fault',
      pc: svcBase,
      message: expect.stringContaining('inside of HardFault') as unknown,
    });
    expect(machine.run({ instructions: 1000 }).kind).toBe('fault');
  });

  it('in its handler SHCSR has the bit of HardFault on Armv8-M, and none before', () => {
    if (core.version === 6) return;
    const machine = inHardFault(core.name, 0xe7fe);
    machine.bus.write(0xe000_ed24, 4, 0);
    machine.run({ instructions: 1000 });
    machine.bus.write(0xe000_ed24, 4, 0);
    expect(machine.bus.read(0xe000_ed24, 4)).toBe(core.version === 8 ? 4 : 0);
  });

  it.each(['SVC', 'HardFault'])('a vector of %s without bit 0 leads to where nothing can be executed', (name) => {
    const bytes = new Uint8Array(0x400);
    bytes.set(program('faults'));
    const view = new DataView(bytes.buffer);
    const isSvc = name === 'SVC';
    view.setUint16(bodyBase, isSvc ? 0xdf00 : 0xde00, true);
    view.setUint32(isSvc ? 44 : 12, svcBase, true);
    // bkpt #0xab, which ends the run.
    view.setUint16(svcBase, 0xbeab, true);
    const machine = guest({ core: core.name, program: bytes });
    machines.push(machine);
    machine.processor.onSemihosting = () => ({ exit: 0 });
    if (core.version !== 6) machine.bus.write(0xe000_ed00 + shcsr, 4, 0);
    const end = machine.run({ instructions: 1000 });
    if (isSvc) expect(word(machine, dataBase)).toBe(exception.hardFault);
    else expect(end).toMatchObject({ kind: 'fault', pc: svcBase, message: expect.stringContaining('lock-up') as unknown });
    if (core.version !== 6) expect((machine.bus.read(0xe000_ed28, 4) ?? 0) & cfsr.INVSTATE).toBe(cfsr.INVSTATE);
  });

  describe('NMI, by a watchdog', () => {
    const nmiBase = 0x340;
    const alarm: DeviceClass = {
      name: 'alarm',
      summary: 'raises NMI some cycles after a store',
      size: 16,
      interrupts: ['irq'],
      create: (environment) => {
        const irq = environment.interrupt('irq');
        const timer = environment.timer(() => {
          irq.pulse();
        });
        return new RegisterBlock({
          registers: [
            {
              name: 'DELAY',
              offset: 0,
              write: (delay) => {
                if (delay === 0) timer.clear();
                else timer.set(environment.timeline.now + delay);
              },
            },
          ],
          reset: () => {
            timer.clear();
          },
        });
      },
    };
    /** HardFault's handler, at 0x300, faults; NMI's is what is given. */
    function lockedUp(nmi: readonly number[], delay: number): Machine {
      const bytes = new Uint8Array(0x400);
      bytes.set(program('faults'));
      const view = new DataView(bytes.buffer);
      view.setUint16(bodyBase, 0xde00, true);
      view.setUint16(svcBase, 0xde00, true);
      view.setUint32(8, nmiBase + 1, true);
      view.setUint32(12, svcBase + 1, true);
      nmi.forEach((halfword, index) => {
        view.setUint16(nmiBase + 2 * index, halfword, true);
      });
      const machine = guest({
        core: core.name,
        program: bytes,
        devices: [{ name: 'alarm', device: 'alarm', base: 0x4000_1000, size: 16, interrupts: { irq: 'nmi' }, clocks: {}, parameters: {} }],
        deviceClasses: [alarm],
      });
      machines.push(machine);
      machine.processor.onSemihosting = () => ({ exit: 0 });
      machine.bus.write(0x4000_1000, 4, delay);
      return machine;
    }

    it('ends lock-up, with 0xFFFFFFFE as the address of its return', () => {
      const machine = lockedUp([0xbeab], 5000); // bkpt #0xab
      expect(machine.run({ instructions: 4000 })).toMatchObject({ kind: 'exit' });
      expect(machine.timeline.now).toBe(5000);
      const active = machine.processor.interruptStates().filter(({ flags }) => flags.includes('active'));
      expect(active.map(({ name }) => name)).toEqual(['NMI', 'HardFault']);
      const frame = machine.processor.readRegister('msp');
      expect([machine.processor.readRegister('lr') & 8, word(machine, frame + 0x18) >>> 0, word(machine, frame + 0x1c) & 0x1ff]).toEqual([0, 0xffff_fffe, 3]);
    });
    it('comes back to lock-up, unless its handler changes the frame', () => {
      const back = lockedUp([0x4770], 5000); // bx lr
      expect(back.run()).toMatchObject({ kind: 'fault', message: expect.stringContaining('returned') as unknown });
      expect(back.timeline.now).toBe(5001);
      // movs r0, #0xc1; lsls r0, r0, #2; str r0, [sp, #0x18]; bx lr, and bkpt #0xab at 0x304.
      const changed = lockedUp([0x20c1, 0x0080, 0x9006, 0x4770], 5000);
      changed.memory('flash').set([0xab, 0xbe], 0x304);
      expect(changed.run()).toMatchObject({ kind: 'exit' });
    });
    it('does not come where its own handler has locked the core up, or nothing is set to raise it', () => {
      const own = lockedUp([0xde00], 5000);
      expect(own.run()).toMatchObject({ kind: 'fault', pc: nmiBase, message: expect.stringContaining('inside of HardFault, NMI') as unknown });
      const none = lockedUp([0xbeab], 5000);
      none.bus.write(0x4000_1000, 4, 0);
      expect(none.run()).toMatchObject({ kind: 'fault', pc: svcBase });
    });
    it('comes at the same cycle however the run is cut', () => {
      const machine = lockedUp([0xbeab], 5000);
      let end = machine.run({ until: 1 });
      while (end.kind === 'limit') end = machine.run({ until: machine.timeline.now + 7 });
      expect([end.kind, machine.timeline.now]).toEqual(['exit', 5000]);
    });
  });
});
