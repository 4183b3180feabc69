import { afterEach, describe, expect, it } from '@jest/globals';
import type { Machine } from '@fireball/emulator';
import { ProgramSymbols } from '@fireball/image';
import { Observer } from '../observer.js';
import { stuckAt } from '../stuck.js';
import { armHandler, riscvCode, smallMachine } from '../testing/small-machine.js';
import { explainEnd, type Explanation } from './explain-end.js';

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

const noSymbols = new ProgramSymbols([]);

interface Firmware {
  readonly core: string;
  /** Arm: halfwords at 0x100; RISC-V: words at 0x80000100. */
  readonly code: readonly number[];
  /** Registers before it begins. */
  readonly registers?: Readonly<Record<string, number>>;
  readonly prepare?: (machine: Machine) => void;
}

/** Runs it until it is seen to hang, as `emulate` would, and explains that, or an exit with status 1 at that place. */
async function explain(firmware: Firmware): Promise<Explanation> {
  const explanation = await explained(firmware);
  if (explanation === undefined) throw new Error('nothing is explained');
  return explanation;
}

async function explained({ core, code, registers = {}, prepare }: Firmware, reason?: 'exit'): Promise<Explanation | undefined> {
  const bytes = core.startsWith('cortex') ? new Uint8Array(Uint16Array.from(code).buffer) : new Uint8Array(Uint32Array.from(code).buffer);
  const machine = smallMachine({ core, code: bytes });
  machines.push(machine);
  const observer = new Observer({ traces: [], trace: () => undefined, say: () => undefined });
  observer.attach(machine);
  observer.symbols = noSymbols;
  for (const [name, value] of Object.entries(registers)) machine.processor.writeRegister(name, value);
  prepare?.(machine);
  const end = machine.run({ instructions: 4000 });
  const stuck = observer.isRunaway ? 'the handler of traps runs into a trap itself, for ever' : stuckAt(machine);
  expect(end.kind === 'fault' || stuck !== undefined).toBe(true);
  return explainEnd({
    machine,
    symbols: noSymbols,
    observer,
    reason: reason ?? (end.kind === 'fault' ? 'fault' : 'hang'),
    code: 1,
    detail: end.kind === 'fault' ? end.message : stuck,
  });
}

interface Case extends Firmware {
  readonly name: string;
  readonly verdict: RegExp;
  readonly document?: Explanation['document'] extends infer Document ? Partial<Record<keyof Document, unknown>> : never;
}

const some = (...texts: readonly string[]): unknown => expect.arrayContaining(texts.map((text) => expect.stringContaining(text) as unknown));
const none = (text: string): unknown => expect.not.arrayContaining([expect.stringContaining(text)]);
const system = (offset: number, value: number) => (machine: Machine) => {
  machine.bus.write(0xe000_ed00 + offset, 4, value);
};
/** Sets one. */
const vector = (number: number, address: number) => (machine: Machine) => {
  new DataView(machine.memory('flash').buffer, machine.memory('flash').byteOffset).setUint32(4 * number, address, true);
};
const cpacr = 0x88;
const ccr = 0x14;
const shcsr = 0x24;
const ram = 0x2000_0000;
const stop = 0xe7fe;

const arm: readonly Case[] = [
  {
    name: 'a stack that grows out of its memory', // push {r0-r7}
    core: 'cortex-m3',
    code: [0xbf00, 0xb4ff],
    registers: { sp: ram + 8 },
    verdict: /^HardFault \(escalated\): stack overflow: SP 0x1fff[0-9a-f]{4} is \d+ bytes before ram/,
    document: { pc: '0x00000102', instruction: expect.stringMatching(/^push/), reasons: some('the stacked registers are lost') },
  },
  {
    name: 'a stack that grows out of its memory by an interrupt alone', // svc
    core: 'cortex-m4',
    code: [0xdf00],
    registers: { sp: ram + 8 },
    verdict: /stack overflow: SP 0x1fffffe8 is 24 bytes before ram/,
    document: { reasons: some('STKERR'), pc: '0x00000102' },
  },
  {
    name: 'more taken off a stack than put there', // add sp, #128; push {r0}
    core: 'cortex-m3',
    code: [0xb020, 0xb020, 0xb401],
    registers: { sp: ram + 0x1_0000 },
    verdict: /SP 0x200100[0-9a-f]{2} is \d+ bytes behind ram: more was taken off the stack than put there/,
  },
  {
    name: 'a stack pointer to nowhere',
    core: 'cortex-m3',
    code: [0xb401],
    registers: { sp: 0x1000_0100 },
    verdict: /SP 0x100000[0-9a-f]{2} points to no memory/,
  },
  {
    name: 'the main stack below its limit',
    core: 'cortex-m33',
    code: [0xb4ff],
    registers: { sp: ram + 0x1010, msplim: ram + 0x1000 },
    verdict: /stack overflow: the stack pointer would go below MSPLIM 0x20001000/,
    document: { reasons: some('STKOF') },
  },
  {
    name: 'the process stack below its limit',
    core: 'cortex-m33',
    code: [0xb4ff],
    registers: { psp: ram + 0x2010, psplim: ram + 0x2000, control: 2 },
    verdict: /stack overflow: the stack pointer would go below PSPLIM 0x20002000/,
  },
  {
    name: 'an address directly behind a memory',
    core: 'cortex-m3',
    code: [0x6801],
    registers: { r0: ram + 0x1_0000 },
    verdict: /went to where there is nothing, or was refused, at 0x20010000, directly behind ram/,
  },
  {
    name: 'an address a little behind a memory',
    core: 'cortex-m3',
    code: [0x6841],
    registers: { r0: ram + 0x1_0000 + 8 },
    verdict: /at 0x2001000c, 12 bytes behind ram/,
    document: { addressHolds: '12 bytes behind ram' },
  },
  { name: 'an address in front of a memory', core: 'cortex-m3', code: [0x7801], registers: { r0: ram - 1 }, verdict: /at 0x1fffffff, 1 byte before ram/ },
  {
    name: 'a member of what a null pointer points to',
    core: 'cortex-m3',
    code: [0x6141],
    registers: { r0: 0 },
    verdict: /at 0x00000014, flash \+ 0x14; a null pointer \+ 0x14\?/,
  }, // str r1, [r0, #20]
  {
    name: 'BFAR that is valid',
    core: 'cortex-m3',
    code: [0x6801],
    registers: { r0: 0x3000_0000 },
    verdict: /at 0x30000000, nothing is there/,
    document: { reasons: some('BFAR is valid'), address: '0x30000000' },
  },
  {
    name: 'MMFAR that is valid',
    core: 'cortex-m3',
    code: [0x6801],
    registers: { r0: ram + 0x100 }, // The region of RAM is for nobody; the MPU is on, with the default map.
    prepare: (machine) => {
      for (const [address, value] of [
        [0xe000_ed98, 0],
        [0xe000_ed9c, ram],
        [0xe000_eda0, 0x1000_0000 | (15 << 1) | 1],
        [0xe000_ed94, 5],
      ] as const)
        machine.bus.write(address, 4, value);
    },
    verdict: /the MPU forbids this load or store, at 0x20000100, ram \+ 0x100/,
    document: { reasons: some('MMFAR is valid') },
  },
  {
    name: 'no address at all',
    core: 'cortex-m3',
    code: [0xbf00, 0xde00],
    verdict: /^HardFault \(escalated\): the instruction is undefined$/,
    document: { address: undefined, reasons: some('neither MMFAR nor BFAR is valid'), pc: '0x00000102' },
  },
  {
    name: 'a handler of its own',
    core: 'cortex-m3',
    code: [0xde00],
    prepare: system(shcsr, 1 << 18),
    verdict: /^UsageFault: the instruction is undefined/,
    document: { activeExceptions: ['UsageFault'], registers: expect.objectContaining({ hfsr: '0x00000000' }) },
  },
  { name: 'a division by zero', core: 'cortex-m4', code: [0xfb90, 0xf0f3], registers: { r3: 0 }, prepare: system(ccr, 0x210), verdict: /a division by zero/ },
  {
    name: 'no status registers',
    core: 'cortex-m0',
    code: [0xde00],
    verdict: /^HardFault: the instruction is undefined$/,
    document: { pc: '0x00000100', instruction: expect.stringMatching(/^udf/) },
  },
  {
    name: 'no status registers, and an address',
    core: 'cortex-m0',
    code: [0x6841],
    registers: { r0: ram + 0x1_0000 },
    verdict: /^HardFault: a load or store went to where there is nothing, or was refused, at 0x20010004, 4 bytes behind ram$/,
  },
  {
    name: 'a frame without registers of the FPU',
    core: 'cortex-m4',
    code: [0xde00],
    prepare: system(cpacr, 0xf0_0000),
    verdict: /undefined/,
    document: { registers: expect.objectContaining({ sp: '0x20010000', pc: '0x00000100' }) },
  },
  {
    name: 'a frame with registers of the FPU',
    core: 'cortex-m4',
    code: [0xeeb7, 0x0a00, 0xde00],
    prepare: system(cpacr, 0xf0_0000), // vmov.f32 s0, #1.0
    verdict: /undefined/,
    document: { registers: expect.objectContaining({ sp: '0x20010000', pc: '0x00000104' }) },
  },
  {
    name: 'a frame at an odd word',
    core: 'cortex-m4',
    code: [0xde00],
    registers: { sp: ram + 0xfffc },
    verdict: /undefined/,
    document: { registers: expect.objectContaining({ sp: '0x2000fffc' }) },
  },
  {
    // The handler overwrites its frame: movs r0, #0; str r0, [sp, #24]; b .
    name: 'a frame that has been overwritten',
    core: 'cortex-m3',
    code: [0xde00],
    prepare: (machine) => machine.memory('flash').set(new Uint8Array(Uint16Array.from([0x2000, 0x9006, stop]).buffer), armHandler),
    verdict: /undefined/,
    document: { pc: '0x00000100', reasons: some('the stacked registers are lost') },
  },
  {
    name: 'a return with a bad EXC_RETURN',
    core: 'cortex-m3',
    code: [0xdf00],
    // SVC's handler: movs r0, #4; mvns r0, r0; bx r0
    prepare: (machine) => {
      const flash = machine.memory('flash');
      flash.set([0x41, 0x09], 4 * 11);
      flash.set(new Uint8Array(Uint16Array.from([0x2004, 0x43c0, 0x4700]).buffer), 0x940);
    },
    verdict: /the return from an exception had an EXC_RETURN that is not valid/,
    document: { reasons: some('INVPC') },
  },
  {
    name: 'a fault in the handler of faults',
    core: 'cortex-m3',
    code: [0xde00],
    prepare: (machine) => machine.memory('flash').set(new Uint8Array(Uint16Array.from([0xbf00, 0xde01]).buffer), armHandler),
    verdict: /^lock-up: UsageFault inside of HardFault: the instruction is undefined$/,
    document: { pc: '0x00000082', instruction: expect.stringMatching(/^udf/) },
  },
  // Minimal firmware has two vectors, and 0 or anything behind them.
  ...(['cortex-m3', 'cortex-m0'] as const).map((core): Case => ({
    name: `a fault without a handler, ${core}`,
    core,
    code: [0xbf00, 0xde00],
    prepare: vector(3, 0),
    verdict: /the instruction is undefined; its handler cannot run: the vector of HardFault at 0x0000000c holds 0x00000000$/,
    document: { pc: '0x00000102', instruction: expect.stringMatching(/^udf/), reasons: some('lock-up: ', 'its handler cannot run') },
  })),
  {
    name: 'a fault whose handler is where nothing is', // ldr r1, [r0]
    core: 'cortex-m4',
    code: [0x6801],
    registers: { r0: 0x3000_0000 },
    prepare: vector(3, 0x6000_0001),
    verdict: /^HardFault \(escalated\): a load or store went to where there is nothing.* at 0x30000000.*; its handler cannot run: .* holds 0x60000001$/,
    document: { pc: '0x00000100', reasons: none('IBUSERR') },
  },
  {
    name: 'a call without a handler', // svc #0
    core: 'cortex-m3',
    code: [0xbf00, 0xdf00],
    prepare: vector(11, 0),
    verdict: /^HardFault \(escalated\): SVCall was taken at 0x00000104, and has no handler: its vector at 0x0000002c holds 0x00000000/,
  },
  {
    name: 'an interrupt without a handler, nor one of faults', // cpsie i
    core: 'cortex-m3',
    code: [0xb662, 0xbf00, 0xbf00],
    prepare: (machine) => {
      vector(3, 0)(machine);
      vector(16 + 5, 0)(machine);
      machine.bus.write(0xe000_e100, 4, 1 << 5);
      machine.bus.write(0xe000_e200, 4, 1 << 5);
    },
    verdict:
      /^HardFault \(escalated\): interrupt 5 was taken at 0x0000010[0-4], and has no handler: its vector at 0x00000054 holds 0x00000000.*; its handler cannot run/,
  },
  {
    name: 'an assertion that loops for ever',
    core: 'cortex-m3',
    code: [0xb672, stop],
    verdict: /^the firmware hangs: it loops at 0x102 for ever, with interrupts masked by PRIMASK/,
    document: { pc: '0x00000102', address: undefined },
  },
  {
    // ldr r1, [r0]; the handler skips it; cpsid i; b .
    name: 'an assertion long after a fault that was handled',
    core: 'cortex-m3',
    code: [0x6801, 0xb672, stop],
    registers: { r0: 0x3000_0000 },
    prepare: (machine) => machine.memory('flash').set(new Uint8Array(Uint16Array.from([0x9806, 0x3002, 0x9006, 0x4770]).buffer), armHandler), // ldr r0, [sp, #24]; adds r0, #2; str r0, [sp, #24]; bx lr
    verdict: /^the firmware hangs: it loops at 0x104 for ever/,
    document: { address: undefined, reasons: none('PRECISERR'), recentExceptions: some('HardFault') },
  },
  {
    name: 'bits of an earlier fault',
    core: 'cortex-m3',
    code: [0x6801, 0xde00],
    registers: { r0: 0x3000_0000 },
    // The handler skips the first: r7 counts. adds r7, #1; cmp r7, #1; beq 1f; b .; 1: ldr r0, [sp, #24]; adds r0, #2; str r0, [sp, #24]; bx lr
    prepare: (machine) =>
      machine.memory('flash').set(new Uint8Array(Uint16Array.from([0x3701, 0x2f01, 0xd000, stop, 0x9806, 0x3002, 0x9006, 0x4770]).buffer), armHandler),
    verdict: /HardFault/,
    document: { pc: '0x00000102', reasons: some('bits of several faults') },
  },
];

describe('Arm', () => {
  it.each(arm)('$name', async ({ verdict, document = {}, ...firmware }) => {
    const explanation = await explain(firmware);
    expect(explanation.document.verdict).toMatch(verdict);
    expect(explanation.document).toMatchObject(document);
    expect(explanation.text.split('\n')[0]).toBe(explanation.document.verdict);
  });
});

// csrw mtvec, t0; then the case; the handler at 0x80000180 is a jump to itself.
const handler = riscvCode + 0x80;
const csrwMtvecT0 = 0x3052_9073;
const nop = 0x13;
const loop = 0x6f;
const withHandler = (...code: readonly number[]): number[] => [csrwMtvecT0, ...code, ...Array.from({ length: 31 - code.length }, () => nop), loop];

const riscv: readonly (Omit<Case, 'core' | 'registers'> & { readonly a0?: number })[] = [
  {
    name: 'a jump to nothing (cause 1)',
    code: withHandler(0x0005_0067),
    a0: 0x3000_0000,
    verdict: /^trap: an instruction was fetched from where there is nothing.*, at 0x30000000, nothing is there/,
    document: { reasons: some('mcause 1') },
  }, // jr a0
  {
    name: 'an illegal instruction (cause 2)',
    code: withHandler(nop, 0xffff_ffff),
    verdict: /^trap: the instruction is illegal/,
    document: { pc: '0x80000108', instruction: '.short 0xffff', address: undefined },
  },
  {
    name: 'a breakpoint (cause 3)',
    code: withHandler(0x0010_0073),
    verdict: /^trap: a breakpoint instruction without a debugger/,
    document: { pc: '0x80000104', reasons: some('mcause 3') },
  },
  {
    name: 'a load that is not aligned (cause 4)',
    code: withHandler(0x1005_252f),
    a0: 0x8000_0201,
    verdict: /^trap: the address of a load is not aligned, at 0x80000201, ram \+ 0x201/,
  }, // lr.w a0, (a0)
  {
    name: 'a load from nothing (cause 5)',
    code: withHandler(0x0145_2503),
    a0: 0,
    verdict: /^trap: a load from where there is nothing.*, at 0x00000014, null pointer \+ 0x14/,
  }, // lw a0, 20(a0)
  {
    name: 'an atomic store that is not aligned (cause 6)',
    code: withHandler(0x00b5_252f),
    a0: 0x8000_0201,
    verdict: /^trap: the address of a store is not aligned, at 0x80000201/,
  }, // amoadd.w a0, a1, (a0)
  {
    name: 'a store behind memory (cause 7)',
    code: withHandler(0x00b5_2023),
    a0: 0x8002_0000,
    verdict: /^trap: a store to where there is nothing.*, at 0x80020000, directly behind ram/,
  }, // sw a1, (a0)
  {
    name: 'a stack overflow',
    code: withHandler(0xff81_0113, 0x00b1_2023),
    verdict: /^trap: stack overflow: SP 0x7ffffff8 is 8 bytes before ram/,
    prepare: (machine) => machine.processor.writeRegister('sp', 0x8000_0000),
  }, // addi sp, sp, -8; sw a1, (sp)
  {
    name: 'no handler',
    code: [0x3050_1073, 0xffff_ffff],
    verdict: /^trap: the instruction is illegal; no handler is at mtvec 0x00000000$/,
    document: { pc: '0x80000104', reasons: some('mcause 2', 'in the handler, mtvec 0x00000000: an instruction was fetched', 'it traps for ever') },
  }, // csrw mtvec, x0
  {
    name: 'no handler of a call',
    code: [0x3050_1073, 0x73],
    verdict: /^trap: environment call from M-mode; no handler is at mtvec 0x00000000$/,
    document: { pc: '0x80000104' },
  }, // csrw mtvec, x0; ecall
  {
    name: 'a jump to 0 without a handler',
    code: [0x3050_1073, 0x67],
    verdict: /^trap: an instruction was fetched from where there is nothing.*, at 0x00000000, null pointer/,
    document: { pc: '0x00000000', reasons: some('it traps for ever') },
  }, // csrw mtvec, x0; jr x0
  {
    name: 'a handler that saves registers on a stack which is none',
    code: [csrwMtvecT0, 0x00b1_2023, ...Array.from({ length: 30 }, () => nop), 0xfc01_0113, 0x0011_2023, loop],
    prepare: (machine) => machine.processor.writeRegister('sp', 0x4000_0000),
    verdict: /^trap: SP 0x40000000 points to no memory, at 0x40000000, nothing is there; its handler traps itself, at 0x80000184$/,
    document: { pc: '0x80000104', reasons: some('mcause 7', 'in the handler, mtvec 0x80000180: a store', 'runs into a trap itself, for ever') },
  }, // sw a1, (sp); the handler: addi sp, sp, -64; sw ra, (sp)
  {
    name: 'an illegal instruction with a stack pointer that nobody has set',
    code: withHandler(0xffff_ffff),
    prepare: (machine) => machine.processor.writeRegister('sp', 0),
    verdict: /^trap: the instruction is illegal$/,
  },
  {
    name: 'an assertion that loops for ever',
    code: [nop, loop],
    verdict: /^the firmware hangs: it loops at 0x80000104 for ever, with interrupts disabled \(mstatus.MIE\)/,
  },
  {
    // The handler skips the load and returns: csrr t1, mepc; addi t1, t1, 4; csrw mepc, t1; mret. Then it loops.
    name: 'an assertion long after a trap that was handled',
    a0: 0x3000_0000,
    code: [csrwMtvecT0, 0x0005_2503, loop, ...Array.from({ length: 29 }, () => nop), 0x3410_2373, 0x0043_0313, 0x3413_1073, 0x3020_0073],
    verdict: /^the firmware hangs: it loops at 0x80000108 for ever/,
    document: { address: undefined, recentExceptions: some('load access fault') },
  },
];

describe.each(['rv32imac', 'rv64gc'])('RISC-V, %s', (core) => {
  it.each(riscv)('$name', async ({ verdict, document = {}, a0 = 0, code, prepare }) => {
    const explanation = await explain({ core, code, registers: { t0: handler, a0 }, ...(prepare === undefined ? {} : { prepare }) });
    expect(explanation.document.verdict).toMatch(verdict);
    expect(explanation.document).toMatchObject(document);
  });

  it('an exit out of the handler of a fault is explained, and one after it has returned is not', async () => {
    const ends = async (name: string): Promise<string | undefined> => {
      const { code = [], a0 = 0 } = riscv.find((one) => one.name === name) ?? {};
      return (await explained({ core, code, registers: { t0: handler, a0 } }, 'exit'))?.document.verdict;
    };
    expect(await ends('a store behind memory (cause 7)')).toMatch(/a store to where there is nothing/);
    expect(await ends('an assertion long after a trap that was handled')).toBeUndefined();
    expect(await ends('an assertion that loops for ever')).toBeUndefined();
  });

  it('interrupts are among the last exceptions', async () => {
    // csrwi mie, 8 and csrsi mip are the board's: the software interrupt is pending, and its handler loops.
    const code = withHandler(0x3044_5073, 0x3004_6073, nop); // csrwi mie, 8; csrsi mstatus, 8
    const explanation = await explain({ core, code, registers: { t0: handler }, prepare: (machine) => machine.processor.interruptInput('msip').set(true) });
    expect(explanation.document).toMatchObject({
      verdict: expect.stringMatching(/^the firmware hangs/),
      recentExceptions: [expect.stringMatching(/^3 {2}machine software interrupt {2}\(0x8000010c\)$/)],
    });
  });
});
