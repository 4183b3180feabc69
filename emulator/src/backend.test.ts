import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '@fireball/contracts';
import type { Isa, StopReason } from '@fireball/contracts';
import { MemoryMapError, createCpu, knownCpus } from './index.js';
import { allCpus, base, guest, ramSize, runSliced, rwx, words } from './testing/guest.js';
import type { Guest } from './testing/guest.js';

const opened: Guest[] = [];
function open(isa: Isa, cpu: string): Guest {
  const one = guest(isa, cpu);
  opened.push(one);
  return one;
}
afterEach(() => {
  opened.splice(0).forEach(({ cpu }) => {
    cpu.close();
  });
});

const device = 0x4000_0000;
const nowhere = 0x3000_0000;

/** The same small programs for both instruction sets. */
interface Programs {
  /** Sums 10 + 9 + .. + 1 into the first register, leaves 0 in the second, ends in `trap`. */
  readonly sum: { code: number[]; executed: number; registers: string[]; loopBytes: [number, number] };
  /** Loads a word into `value` from the address in `pointer`. */
  readonly load: number[];
  readonly store: number[];
  readonly jump: number[];
  readonly pointer: string;
  readonly value: string;
  /** A system call, 4 bytes on RISC-V and 2 on Arm. */
  readonly call: { code: number[]; bytes: number; number: number };
  readonly trap: number[];
  readonly wait: { code: number[]; bytes: number };
  /** Sets `value` to 1 or 2. */
  readonly set: [number[], number[]];
  readonly nop: number[];
}

const thumb2: Programs = {
  sum: {
    // movs r0, #0; movs r1, #10
    // loop: adds r0, r0, r1; subs r1, #1; it ne; movne r2, r1; bne loop; udf #0
    code: [0x2000, 0x210a, 0x1840, 0x3901, 0xbf18, 0x460a, 0xd1fa, 0xde00],
    executed: 2 + 10 * 5,
    registers: ['r0', 'r1', 'r2'],
    loopBytes: [4, 14],
  },
  load: [0x680a], // ldr r2, [r1]
  store: [0x600a], // str r2, [r1]
  jump: [0x4708], // bx r1
  pointer: 'r1',
  value: 'r2',
  call: { code: [0xdf05], bytes: 2, number: 2 }, // svc #5
  trap: [0xde00], // udf #0
  wait: { code: [0xbf30], bytes: 2 }, // wfi
  set: [[0x2201], [0x2202]], // movs r2, #1 / #2
  nop: [0xbf00],
};

const rv32: Programs = {
  sum: {
    // c.li a0, 0; c.li a1, 10
    // loop: c.add a0, a1; c.mv a2, a1; addi a1, a1, -1; bnez a1, loop; ebreak
    code: [0x4501, 0x45a9, 0x952e, 0x862e, ...words(0xfff5_8593, 0xfe05_9ce3, 0x0010_0073)],
    executed: 2 + 10 * 4,
    registers: ['a0', 'a1', 'a2'],
    loopBytes: [4, 16],
  },
  load: words(0x0005_a603), // lw a2, 0(a1)
  store: words(0x00c5_a023), // sw a2, 0(a1)
  jump: words(0x0005_8067), // jr a1
  pointer: 'a1',
  value: 'a2',
  call: { code: words(0x0000_0073), bytes: 4, number: 8 }, // ecall
  trap: words(0x0010_0073), // ebreak
  wait: { code: words(0x1050_0073), bytes: 4 }, // wfi
  set: [[0x4605], [0x4609]], // c.li a2, 1 / 2
  nop: [0x0001],
};

const programs: Record<Isa, Programs> = { thumb2, rv32 };

describe.each(allCpus)('%s %s', (isa, name) => {
  const p = programs[isa];

  it('has its name and page size', () => {
    const { cpu } = open(isa, name);
    expect([cpu.isa, cpu.cpu, cpu.pageSize]).toEqual([isa, name, isa === 'thumb2' ? 1024 : 4096]);
    expect(knownCpus(isa)).toContain(name);
  });

  it.each([1, 3, 777, 2 ** 53])('runs the same in slices of %d', (slice) => {
    const { cpu, code } = open(isa, name);
    code(base, p.sum.code);
    const total = runSliced(cpu, slice, p.sum.registers);
    const trapAt = base + 2 * p.sum.code.length - 2 * p.trap.length;
    expect(total).toMatchObject({
      reason: { kind: 'invalid-instruction' },
      executed: p.sum.executed,
      pc: trapAt,
      registers: [55, 0, 1],
    });
    expect(total.previousPc).toBe(trapAt - (isa === 'thumb2' ? 2 : 4));
  });

  it('counts the instructions of a range', () => {
    const { cpu, code } = open(isa, name);
    code(base, p.sum.code);
    const [begin, end] = p.sum.loopBytes;
    cpu.countRange(base + begin, base + end);
    expect(runSliced(cpu, 7, []).executedInRange).toBe(p.sum.executed - 2);
    cpu.countRange(base, base + 2);
    expect(runSliced(cpu, 7, []).executedInRange).toBe(1);
  });

  const fault = (access: 'read' | 'write' | 'fetch', cause: 'unmapped' | 'protected', address: number, size: number): StopReason => ({
    kind: 'memory-fault',
    access,
    cause,
    address,
    size,
  });
  const locked = base + 0x8000;

  it.each<[string, keyof Programs & ('load' | 'store'), number, StopReason]>([
    ['unmapped load', 'load', nowhere, fault('read', 'unmapped', nowhere, 4)],
    ['unmapped store', 'store', nowhere, fault('write', 'unmapped', nowhere, 4)],
    ['store to read-only memory', 'store', locked, fault('write', 'protected', locked, 4)],
  ])('%s: exact pc, nothing changed', (_name, operation, address, reason) => {
    const { cpu, ram, code } = open(isa, name);
    cpu.protect(locked, 0x1000, { read: true, write: false, execute: false });
    code(base, [...p.nop, ...p[operation]]);
    cpu.writeRegister(p.pointer, address);
    cpu.writeRegister(p.value, 0xdead_beef);
    expect(cpu.run(base, 10)).toMatchObject({ reason, pc: base + 2, previousPc: base, executed: 1 });
    expect(cpu.readRegister('pc')).toBe(base + 2);
    expect(cpu.readRegister(p.value)).toBe(0xdead_beef);
    expect(ram[locked - base]).toBe(0);
  });

  it.each<[string, number, 'unmapped' | 'protected']>([
    ['unmapped', nowhere, 'unmapped'],
    ['not executable', locked, 'protected'],
  ])('jump to %s memory: pc is the target, previousPc the jump', (_name, target, cause) => {
    const { cpu, code } = open(isa, name);
    cpu.protect(locked, 0x1000, { read: true, write: true, execute: false });
    code(base, [...p.nop, ...p.jump]);
    cpu.writeRegister(p.pointer, isa === 'thumb2' ? target | 1 : target);
    const result = cpu.run(base, 10);
    expect(result).toMatchObject({ pc: target, previousPc: base + 2, executed: 2 });
    expect(result.reason).toMatchObject({ kind: 'memory-fault', access: 'fetch', cause, address: target });
  });

  it.each<[string, (p: Programs) => number[], StopReason, (p: Programs) => [pc: number, previous: number, executed: number]]>([
    ['system call', (q) => q.call.code, { kind: 'exception', number: p.call.number }, (q) => [2 + q.call.bytes, 2, 2]],
    ['trap', (q) => q.trap, { kind: 'invalid-instruction' }, () => [2, 0, 1]],
    ['wait for interrupt', (q) => q.wait.code, { kind: 'idle' }, (q) => [2 + q.wait.bytes, 2, 2]],
  ])('%s', (_name, codeOf, reason, expected) => {
    const { cpu, code } = open(isa, name);
    code(base, [...p.nop, ...codeOf(p)]);
    const [pc, previous, executed] = expected(p);
    expect(cpu.run(base, 10)).toMatchObject({
      reason,
      pc: base + pc,
      previousPc: base + previous,
      executed,
    });
  });

  it('a branch to a trap stub is seen as previousPc, also across slices', () => {
    const { cpu, code } = open(isa, name);
    code(base, [...p.nop, ...p.jump]);
    code(base + 0x200, p.trap);
    cpu.writeRegister(p.pointer, base + 0x200 + (isa === 'thumb2' ? 1 : 0));
    cpu.countRange(base, base + 2);
    expect(runSliced(cpu, 1, [])).toMatchObject({ pc: base + 0x200, previousPc: base + 2, lastPcInRange: base });
  });

  it('talks to a device', () => {
    const { cpu, code } = open(isa, name);
    const seen: unknown[] = [];
    cpu.mapDevice(device, cpu.pageSize, {
      read(offset, size) {
        seen.push(['read', offset, size]);
        return 0x8000_0001;
      },
      write(offset, size, value) {
        seen.push(['write', offset, size, value]);
      },
    });
    code(base, [...p.load, ...p.store, ...p.trap]);
    cpu.writeRegister(p.pointer, device + 8);
    expect(cpu.run(base, 10).executed).toBe(2);
    expect(cpu.readRegister(p.value)).toBe(0x8000_0001);
    expect(seen).toEqual([
      ['read', 8, 4],
      ['write', 8, 4, 0x8000_0001],
    ]);
  });

  it('a device can stop the CPU: the access completes once', () => {
    const { cpu, code } = open(isa, name);
    let reads = 0;
    cpu.mapDevice(device, cpu.pageSize, {
      read() {
        cpu.stop();
        return ++reads;
      },
      write: () => undefined,
    });
    code(base, [...p.load, ...p.nop, ...p.trap]);
    cpu.writeRegister(p.pointer, device);
    const stop = cpu.run(base, 10);
    expect(stop).toMatchObject({ reason: { kind: 'stopped' }, previousPc: base, executed: 1 });
    expect([reads, cpu.readRegister(p.value)]).toEqual([1, 1]);
    expect(cpu.run(stop.pc, 10).reason).toEqual({ kind: 'invalid-instruction' });
  });

  it('an exception in a device surfaces from the run', () => {
    const { cpu, code } = open(isa, name);
    cpu.mapDevice(device, cpu.pageSize, {
      read() {
        throw new UsageError('no such register');
      },
      write: () => undefined,
    });
    code(base, p.load);
    cpu.writeRegister(p.pointer, device);
    expect(() => cpu.run(base, 10)).toThrow(UsageError);
  });

  it('executes host-written code only after invalidation', () => {
    const { cpu, ram, code } = open(isa, name);
    code(base, p.set[0]);
    cpu.run(base, 1);
    expect(cpu.readRegister(p.value)).toBe(1);
    const [low = 0] = p.set[1];
    ram.set([low & 0xff, low >> 8]);
    cpu.run(base, 1);
    expect(cpu.readRegister(p.value)).toBe(1);
    cpu.invalidateCode(base, 2);
    cpu.run(base, 1);
    expect(cpu.readRegister(p.value)).toBe(2);
  });

  it.each<[string, number, number, MemoryMapError['problem']]>([
    ['an unaligned base', 0x6000_0001, 0x1000, 'unaligned'],
    ['an unaligned size', 0x6000_0000, 0x1001, 'unaligned'],
    ['a region over the RAM', base + ramSize - 0x1000, 0x2000, 'overlapping'],
    ['an empty region', 0x6000_0000, 0, 'outside'],
    ['a negative base', -0x1000, 0x1000, 'outside'],
    ['a region over the end', 0xffff_f000, 0x2000, 'outside'],
    ['no number', Number.NaN, 0x1000, 'outside'],
  ])('refuses to map %s', (_name, at, size, problem) => {
    const { cpu } = open(isa, name);
    const refused = (action: () => unknown): void => {
      let error: unknown;
      try {
        action();
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(MemoryMapError);
      expect(error).toMatchObject({ problem, exitStatus: 65 });
    };
    refused(() => cpu.mapRam(at, size, rwx));
    refused(() => {
      cpu.mapDevice(at, size, { read: () => 0, write: () => undefined });
    });
  });

  it('protects only what is mapped', () => {
    const { cpu } = open(isa, name);
    const cross = (): void => {
      cpu.protect(base + ramSize - 0x1000, 0x2000, rwx);
    };
    expect(cross).toThrow(MemoryMapError);
    cpu.mapRam(base + ramSize, 0x1000, rwx);
    expect(cross).not.toThrow();
  });

  it('keeps register values, signed or not', () => {
    const { cpu } = open(isa, name);
    const names = isa === 'thumb2' ? ['r0', 'r12', 'lr', 's31'] : ['ra', 'a0', 'x31', 'ft11', 'f0'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer(), (register, value) => {
        cpu.writeRegister(register, value);
        expect(cpu.readRegister(register)).toBe(value >>> 0);
      }),
    );
  });

  it('names unknown registers and refuses wide values', () => {
    const { cpu } = open(isa, name);
    expect(() => cpu.readRegister('r99')).toThrow(`${name} has no register 'r99'`);
    expect(() => {
      cpu.writeRegister('sp', 2 ** 32);
    }).toThrow(UsageError);
  });
});

describe('registers of one instruction set', () => {
  it.each([
    ['sp', 'r13'],
    ['lr', 'r14'],
    ['pc', 'r15'],
  ])('thumb2: %s is %s', (name, alias) => {
    const { cpu } = open('thumb2', 'cortex-m4');
    cpu.writeRegister(name, base + 8);
    expect(cpu.readRegister(alias)).toBe(base + 8);
  });
  it.each([
    ['zero', 'x0', 0],
    ['s0', 'fp', 7],
    ['s0', 'x8', 7],
    ['a0', 'x10', 7],
    ['t6', 'x31', 7],
    ['fa0', 'f10', 7],
  ])('rv32: %s is %s', (name, alias, expected) => {
    const { cpu } = open('rv32', 'rv32imfdc');
    cpu.writeRegister(name, 7);
    expect(cpu.readRegister(alias)).toBe(expected);
  });
  it('flags written to apsr decide a branch', () => {
    const { cpu, code } = open('thumb2', 'cortex-m3');
    code(base, [0xd000, 0x2001, 0xde00]); // beq .+4; movs r0, #1; udf
    cpu.writeRegister('apsr', 0x4000_0000);
    expect(cpu.run(base, 10).executed).toBe(1);
    cpu.writeRegister('apsr', 0);
    expect(cpu.run(base, 10).executed).toBe(2);
  });
});

describe('floating point', () => {
  it('follows FPSCR.DN on Arm', () => {
    const { cpu, code } = open('thumb2', 'cortex-m4');
    code(base, [0xee30, 0x0a20, 0xde00]); // vadd.f32 s0, s0, s1
    const sum = (fpscr: number): number => {
      cpu.writeRegister('fpscr', fpscr);
      cpu.writeRegister('s0', 0x7fc0_1234);
      cpu.writeRegister('s1', 0x3f80_0000);
      cpu.run(base, 1);
      return cpu.readRegister('s0');
    };
    expect([sum(0), sum(1 << 25)]).toEqual([0x7fc0_1234, 0x7fc0_0000]);
  });
  it.each([
    ['cortex-m3', 'thumb2', [0xee30, 0x0a20]], // vadd.f32 s0, s0, s1
    ['rv32imc', 'rv32', words(0x0031_00d3)], // fadd.s ft1, ft2, ft3
  ] as [string, Isa, number[]][])('is missing on %s', (name, isa, add) => {
    const { cpu, code } = open(isa, name);
    code(base, add);
    const { reason, pc, executed } = cpu.run(base, 1);
    expect(['exception', 'invalid-instruction']).toContain(reason.kind);
    expect({ pc, executed }).toEqual({ pc: base, executed: 0 });
  });
  it('is there on rv32imfdc, with 64-bit device accesses as two words', () => {
    const { cpu, code } = open('rv32', 'rv32imfdc');
    const seen: unknown[] = [];
    cpu.mapDevice(device, 0x1000, {
      read: (offset) => offset,
      write: (...access) => seen.push(access),
    });
    code(base, words(0x0085_b507, 0x00a5_b827, 0x0010_0073)); // fld fa0, 8(a1); fsd fa0, 16(a1)
    cpu.writeRegister('a1', device);
    expect(cpu.run(base, 10).executed).toBe(2);
    expect(seen).toEqual([
      [16, 4, 8],
      [20, 4, 12],
    ]);
  });
});

describe('traceRuns', () => {
  it.each(allCpus)('gives the addresses of what %s %s executes, run by run', (isa, name) => {
    const { cpu, code } = open(isa, name);
    // Twice a jump to itself, then nothing that can be executed.
    const jump = isa === 'thumb2' ? [0xe7fe] : words(0x0000_006f);
    code(base, jump);
    const seen: number[][] = [];
    cpu.traceRuns(2, (addresses) => seen.push([...addresses]));
    expect(cpu.run(base, 100)).toMatchObject({ reason: { kind: 'budget' }, executed: 2 });
    cpu.run(nowhere, 1);
    expect(seen).toEqual([[base, base], []]);
    expect([...cpu.readMemory(base, 2)]).toEqual([jump[0]! & 0xff, jump[0]! >> 8]);
  });
});

describe('saveState', () => {
  it.each(allCpus)('of %s %s holds the flags of floating point', (isa, name) => {
    const { cpu } = open(isa, name);
    const register = isa === 'rv32' ? 'fcsr' : 'fpscr';
    if (cpu.readFloatRegister(0) === undefined) return;
    cpu.writeRegister(register, 3);
    const saved = cpu.saveState();
    const value = cpu.readRegister(register);
    cpu.writeRegister(register, 0);
    cpu.restoreState(saved);
    expect(cpu.readRegister(register)).toBe(value);
  });
});

describe('createCpu', () => {
  it.each<[Isa, string]>([
    ['thumb2', 'cortex-m0'],
    ['thumb2', 'rv32imc'],
    ['rv32', 'toString'],
  ])('%s %s is refused with the known names', (isa, cpu) => {
    expect(() => createCpu({ isa, cpu })).toThrow(UsageError);
    expect(() => createCpu({ isa, cpu })).toThrow(knownCpus(isa).join(', '));
  });
});
