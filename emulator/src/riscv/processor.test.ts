import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { publicHart } from './public-hart.js';
import { Program } from './testing/assemble.js';
import { machineWith, ramBase, run } from './testing/bench.js';
import type { BenchOptions, Ran } from './testing/bench.js';

const cores = ['rv32imac', 'rv32gc', 'rv64imac', 'rv64gc'] as const;
const supervisorCores = ['rv32gc', 'rv64gc'] as const;

/** mtvec at `handler`; the rest of the program follows. */
function begin(p: Program): Program {
  return p.la('t0', 'handler').csrw('mtvec', 't0');
}

/** A handler that keeps what it is told in a0, a1, a2 and a3 (mstatus.MPP) and ends. */
function handler(p: Program): Program {
  p.org(0x100).label('handler').csrr('a0', 'mcause').csrr('a1', 'mepc').csrr('a2', 'mtval');
  return p.csrr('a3', 'mstatus').srli('a3', 'a3', 11).andi('a3', 'a3', 3).label('end').wfi().j('end');
}

/** Goes on in a less privileged mode at `lower`, which may do everything that PMP decides about. */
function lower(p: Program, mode: 0 | 1): Program {
  p.li('t0', -1).csrw('pmpaddr0', 't0').li('t0', 0x1f).csrw('pmpcfg0', 't0');
  p.li('t0', 0x1800)
    .csrc('mstatus', 't0')
    .li('t0', mode << 11)
    .csrs('mstatus', 't0');
  return p.la('t0', 'lower').csrw('mepc', 't0').mret().label('lower');
}

const trap = ({ reg }: Ran): number[] => [reg('a0'), reg('a1'), reg('a2'), reg('a3')];

/** By the library's internals, and without. */
const harts: readonly [core: (typeof cores)[number], by: string, options: BenchOptions][] = [
  ...cores.map((core): [(typeof cores)[number], string, BenchOptions] => [core, 'internals', {}]),
  ...cores.map((core): [(typeof cores)[number], string, BenchOptions] => [core, 'public calls', { hartOf: publicHart }]),
];

it.each(harts.filter(([core]) => core.endsWith('gc')))(
  'saved registers of %s by %s hold the flags of fcsr, where floating point is off, too',
  (core, _by, options) => {
    const write = (p: Program): Program =>
      p.label('again').li('t0', 0x6000).csrs('mstatus', 't0').csrr('a0', 'fcsr').csrwi('fcsr', 0x15).csrc('mstatus', 't0').j('again');
    const machine = machineWith(core, write, options);
    const { processor } = machine;
    const start = processor.saveRegisters();
    /** What it reads in the rest of the loop, and that it has come around. */
    const go = (): number[] => {
      while (machine.run({ instructions: 1 }).kind === 'limit' && processor.pc !== ramBase);
      return [processor.readRegister('a0'), processor.pc];
    };
    expect(go()).toEqual([0, ramBase]);
    const end = processor.saveRegisters();
    expect(go()).toEqual([0x15, ramBase]);
    processor.restoreRegisters(start);
    expect(go()).toEqual([0, ramBase]);
    processor.restoreRegisters(end);
    expect(go()).toEqual([0x15, ramBase]);
  },
);

// The library passes them over, which only its internals show.
describe.each(cores)('%s', (core) => {
  it.each([
    ['c.fld', 0x2000],
    ['c.fsd', 0xa000],
    ['c.fldsp', 0x2002],
    ['c.fsdsp', 0xa002],
    ['c.flw, c.ld', 0x6008],
    ['c.fsw, c.sd', 0xe008],
    ['c.flwsp, c.ldsp', 0x6282],
    ['c.fswsp, c.sdsp', 0xe002],
  ] as const)('%s is illegal where floating point is off, or not there', (_name, opcode) => {
    const isInteger = core.startsWith('rv64') && (opcode & 0x4000) !== 0;
    const nop = 1;
    const write = (p: Program): void => {
      begin(p)
        .address('s0', ramBase + 0x800)
        .addi('sp', 's0', 0)
        .li('t0', 0x6000)
        .csrs('mstatus', 't0')
        .li('t1', 2);
      p.label('bad')
        .word((opcode | (nop << 16)) >>> 0)
        .csrc('mstatus', 't0')
        .addi('s1', 's1', 1)
        .blt('s1', 't1', 'bad')
        .label('done')
        .wfi()
        .j('done');
      handler(p);
    };
    const ran = run(core, write);
    const program = new Program(ramBase);
    write(program);
    const passes = isInteger ? 2 : core.endsWith('gc') ? 1 : 0;
    const told = ['mcause', 'mtval', 'mepc'].map(ran.reg);
    expect([ran.reg('s1'), ...told]).toEqual([passes, ...(isInteger ? [0, 0, 0] : [2, opcode, program.at('bad')])]);
  });
});

describe.each(harts)('exceptions of %s by %s', (core, _by, options) => {
  const wide = core.startsWith('rv64');
  const cases: readonly [name: string, cause: number, write: (p: Program) => Program, tval: (at: number) => number][] = [
    ['an opcode that is none', 2, (p) => p.label('bad').word(0xffff_ffff), () => 0xffff_ffff],
    ['16 bits that are no instruction', 2, (p) => p.label('bad').word(0), () => 0],
    ['a CSR that is none', 2, (p) => p.label('bad').csrr('t1', 0x5c0), () => 0x5c00_2373],
    ['a write to a CSR that is read only', 2, (p) => p.label('bad').csrw('mhartid', 't1'), () => 0xf143_1073],
    ['a write to a counter that is read only', 2, (p) => p.label('bad').csrw('cycle', 't1'), () => 0xc003_1073],
    ['time without a timer', 2, (p) => p.label('bad').csrr('t1', 'time'), () => 0xc010_2373],
    ['EBREAK', 3, (p) => p.label('bad').ebreak(), () => 0],
    ['C.EBREAK', 3, (p) => p.label('bad').word(0x9002_9002), () => 0],
    ['ECALL', 11, (p) => p.label('bad').ecall(), () => 0],
    ['a load from nothing', 5, (p) => p.li('t0', 0x4000_0010).label('bad').lw('t1', 4, 't0'), () => 0x4000_0014],
    ['a byte from nothing', 5, (p) => p.li('t0', 0x4000_0010).label('bad').lbu('t1', -1, 't0'), () => 0x4000_000f],
    ['a store to nothing', 7, (p) => p.li('t0', 0x4000_0010).label('bad').sw('t1', 8, 't0'), () => 0x4000_0018],
    ['an AMO on nothing', 7, (p) => p.li('t0', 0x4000_0010).label('bad').amoaddw('t1', 't2', 't0'), () => 0x4000_0010],
    ['LR of nothing', 5, (p) => p.li('t0', 0x4000_0010).label('bad').lrw('t1', 't0'), () => 0x4000_0010],
    ['a misaligned AMO', 6, (p) => p.la('t0', 'handler').addi('t0', 't0', 2).label('bad').amoaddw('t1', 't2', 't0'), () => ramBase + 0x102],
    ['a misaligned LR', 4, (p) => p.la('t0', 'handler').addi('t0', 't0', 2).label('bad').lrw('t1', 't0'), () => ramBase + 0x102],
  ];
  it.each(cases)('%s', (_, cause, write, tval) => {
    let at = 0;
    const ran = run(
      core,
      (p) => {
        handler(write(begin(p)));
        at = p.at('bad');
      },
      options,
    );
    expect(ran.end.kind).toBe('asleep');
    expect(trap(ran)).toEqual([cause, at, tval(at), 3]);
  });

  it('a jump to nothing', () => {
    const ran = run(core, (p) => handler(begin(p).li('t0', 0x4000_0000).jr('t0')), options);
    expect(trap(ran)).toEqual([1, 0x4000_0000, 0x4000_0000, 3]);
  });

  it('names all 64 bits of an address', () => {
    if (!wide) return;
    const ran = run(core, (p) => handler(begin(p).li('t0', -0x8000_0000).label('bad').lw('t1', 8, 't0')), options);
    expect(ran.reg('a0')).toBe(5);
    expect(ran.machine.processor.readRegister('mtval')).toBe(Number(0xffff_ffff_8000_0008n));
  });

  it('ECALL of user mode, which comes back', () => {
    const ran = run(core, (p) => handler(lower(begin(p), 0).label('bad').ecall()), options);
    expect(ran.reg('a0')).toBe(8);
    expect(ran.reg('a3')).toBe(0);
  });

  it('a CSR of machine mode in user mode', () => {
    const ran = run(core, (p) => handler(lower(begin(p), 0).label('bad').csrr('t1', 'mstatus')), options);
    expect([ran.reg('a0'), ran.reg('a2'), ran.reg('a3')]).toEqual([2, 0x3000_2373, 0]);
  });

  it('a trap handler that traps at once is said, not repeated for ever', () => {
    const ran = run(core, (p) => begin(p).word(0xffff_ffff).org(0x100).label('handler').word(0xffff_ffff), options);
    expect(ran.end).toEqual({
      kind: 'fault',
      message: 'illegal instruction at the first instruction of the trap handler, 0x80000100 (mtvec): it traps for ever',
      pc: ramBase + 0x100,
    });
  });

  it('a trap without a handler', () => {
    const ran = run(core, (p) => p.csrwi('mtvec', 0).word(0xffff_ffff), options);
    expect(ran.end).toMatchObject({ kind: 'fault', pc: 0, message: expect.stringContaining('instruction access fault') as unknown });
  });

  it('counts cycles and instructions by virtual time', () => {
    const ran = run(
      core,
      (p) => {
        begin(p).csrr('s0', 'mcycle').word(0x13, 0x13).csrr('s1', 'cycle').csrr('s2', 'minstret').li('t1', 100).csrw('mcycle', 't1').csrr('s3', 'mcycle');
        p.ecall();
        p.org(0x100).label('handler').csrr('s4', 'mcycle').csrr('s5', 'instret').label('end').wfi().j('end');
      },
      options,
    );
    const names = ['s0', 's1', 's2', 's3', 's4', 's5'];
    // la and csrw take three; the trap takes a cycle and does not retire.
    expect(names.map(ran.reg)).toEqual([3, 6, 7, 100, 102, 12]);
  });

  it('stops the counters that mcountinhibit names, and has them go on from there', () => {
    const ran = run(
      core,
      (p) => {
        begin(p).li('t1', -1).csrr('s0', 'mcycle').csrw('mcountinhibit', 't1').csrr('s1', 'mcountinhibit').csrr('s2', 'mcycle').csrr('s3', 'minstret');
        p.word(0x13, 0x13).csrr('s4', 'mcycle').li('t1', 100).csrw('mcycle', 't1').csrwi('mcountinhibit', 4);
        p.csrr('s5', 'mcycle').csrr('s6', 'mcycle').csrr('s7', 'instret').csrwi('mcountinhibit', 0).csrr('s8', 'minstret').csrr('s9', 'minstret');
        p.label('end').wfi().j('end');
        p.org(0x100).label('handler').label('trapped').wfi().j('trapped');
      },
      options,
    );
    const names = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9'];
    expect(names.map(ran.reg)).toEqual([4, 5, 5, 5, 5, 100, 101, 5, 5, 6]);
    ran.machine.reset();
    expect([ran.reg('mcountinhibit'), ran.reg('minstret')]).toEqual([0, 0]);
  });

  it('begins with floating point switched off, and has none where the core has none', () => {
    const machine = machineWith(core, (p) => handler(begin(p).label('bad').csrr('t1', 'fcsr')), options);
    expect(machine.processor.readRegister('mstatus') & 0x6000).toBe(0);
    machine.run({ instructions: 100 });
    expect(machine.processor.readRegister('mcause')).toBe(2);
    const on = run(core, (p) => handler(begin(p).li('t0', 0x6000).csrs('mstatus', 't0').label('bad').csrr('t1', 'fcsr').label('on').wfi().j('on')), options);
    expect(on.reg('mcause')).toBe(core.endsWith('gc') ? 0 : 2);
  });

  it('sleeps in WFI until an interrupt that is enabled, taken or not', () => {
    const machine = machineWith(core, (p) => handler(begin(p).csrwi('mie', 8).wfi().li('a5', 1).label('rest').wfi().j('rest')), options);
    expect(machine.run().kind).toBe('asleep');
    machine.processor.interruptInput('msip').set(true);
    machine.run({ instructions: 100 });
    expect(machine.processor.readRegister('a5')).toBe(1);
    expect(machine.processor.readRegister('mip')).toBe(8);
    expect(machine.processor.readRegister('mcause')).toBe(0);
  });

  it.each([
    ['msip', 3],
    ['mtip', 7],
    ['meip', 11],
  ] as const)('takes %s when mstatus.MIE allows it, also by vector', (input, number) => {
    for (const vectored of [0, 1]) {
      const machine = machineWith(
        core,
        (p) => {
          p.la('t0', 'handler')
            .addi('t0', 't0', vectored)
            .csrw('mtvec', 't0')
            .li('t0', 1 << number)
            .csrw('mie', 't0');
          p.label('wait').addi('s0', 's0', 1).li('t1', 100).blt('s0', 't1', 'wait').csrsi('mstatus', 8).label('after').addi('s1', 's1', 1).j('after');
          p.org(0x100).label('handler');
          for (let vector = 0; vector < 16; vector++) p.j(`entry${vector}`);
          for (let vector = 0; vector < 16; vector++) p.label(`entry${vector}`).addi('a4', 'zero', vector).j('common');
          p.label('common').csrr('a0', 'mcause').csrr('a1', 'mepc').label('end').wfi().j('end');
        },
        options,
      );
      machine.processor.interruptInput(input).set(true);
      machine.run({ instructions: 1000 });
      const { processor } = machine;
      const high = wide ? 2 ** 63 : 2 ** 31;
      expect(['a4', 's0', 's1'].map((name) => processor.readRegister(name))).toEqual([vectored * number, 100, 0]);
      expect(processor.readRegister('a0')).toBe(high + number);
    }
  });

  it('calls the host between the two shifts that say so', () => {
    const calls: number[][] = [];
    const call = (p: Program): Program => p.word(0x01f0_1013).ebreak().word(0x4070_5013);
    const write = (p: Program): void => void handler(call(begin(p).li('a0', 4).li('a1', 0x55)).addi('s0', 'a0', 0).li('a0', 0x18).ebreak());
    const machine = machineWith(core, write, options);
    machine.processor.onSemihosting = (operation, parameter) => {
      calls.push([operation, parameter]);
      return { result: -1 };
    };
    machine.run({ instructions: 1000 });
    expect(calls).toEqual([[4, 0x55]]);
    expect(machine.processor.readRegister('s0')).toBe(wide ? 2 ** 64 : 0xffff_ffff);
    // The second EBREAK is one.
    expect(machine.processor.readRegister('mcause')).toBe(3);
    const exits = machineWith(core, write, options);
    exits.processor.onSemihosting = () => ({ exit: 7 });
    expect(exits.run()).toEqual({ kind: 'exit', status: 7, why: 'semihosting' });
  });
});

describe.each(cores)('PMP of %s', (core) => {
  /** Entry 0 is what is given; entry 1 everything, read, write and execute. Machine mode has written 0x80010000 to that address. */
  function protectedMachine(address: number, config: number, user: (p: Program) => Program): Ran {
    return run(core, (p) => {
      begin(p)
        .li('t0', address)
        .csrw('pmpaddr0', 't0')
        .li('t0', -1)
        .csrw('pmpaddr1', 't0')
        .li('t0', 0x1f00 | config)
        .csrw('pmpcfg0', 't0');
      p.address('s0', 0x8001_0000).sw('s0', 0, 's0');
      p.li('t0', 0x1800).csrc('mstatus', 't0').la('t0', 'lower').csrw('mepc', 't0').mret();
      user(p.label('lower')).word(0xffff_ffff);
      handler(p);
    });
  }
  const page = (0x8001_0000 >>> 2) | 0x1ff;
  const sixteenBytes = (0x8001_0010 >>> 2) | 1;
  const readOnly = 0x19;
  const [illegal, loadAccess, storeAccess] = [2, 5, 7];

  it.each([
    ['a store to a page that may be read', page, readOnly, (p: Program) => p.sw('s0', 0x20, 's0'), storeAccess, 0x8001_0020],
    ['after a load from it', page, readOnly, (p: Program) => p.lw('s1', 0x10, 's0').sw('s0', 0x20, 's0'), storeAccess, 0x8001_0020],
    ['a load from a page that may not be read', page, 0x18, (p: Program) => p.lw('s1', 4, 's0'), loadAccess, 0x8001_0004],
    [
      'a store beside a part of a page',
      sixteenBytes,
      readOnly,
      (p: Program) => p.sw('s0', 0xc, 's0').sw('s0', 0x20, 's0').lw('s1', 0x1c, 's0'),
      illegal,
      0xffff_ffff,
    ],
    [
      'a store into a part of a page',
      sixteenBytes,
      readOnly,
      (p: Program) => p.sw('s0', 0xc, 's0').lw('s1', 0x10, 's0').sw('s0', 0x1c, 's0'),
      storeAccess,
      0x8001_001c,
    ],
    ['an entry that is off', page, 0x01, (p: Program) => p.sw('s0', 0x20, 's0'), illegal, 0xffff_ffff],
  ])('%s', (_, address, config, user, expectedCause, value) => {
    const { reg } = protectedMachine(address, config, user);
    expect([reg('a0'), reg('a2'), reg('a3')]).toEqual([expectedCause, value, 0]);
  });

  // User mode may do everything, as the illegal instruction shows.
  it.each([
    [0x1fff_ffff, 0x1f],
    [0x3fff_ffff, 0x1f],
    [0xffff_ffff, 0x1f],
    [0x3fff_ffff, 0x0f],
    [0xffff_ffff, 0x0f],
  ])('a region of 4 GiB or more: pmpaddr %d, pmpcfg %d', (address, config) => {
    const { reg } = run(core, (p) => {
      begin(p).li('t0', address).csrw('pmpaddr0', 't0').li('t0', config).csrw('pmpcfg0', 't0').address('s0', 0x8001_0000);
      p.li('t0', 0x1800).csrc('mstatus', 't0').la('t0', 'lower').csrw('mepc', 't0').mret();
      p.label('lower').lw('s1', 0, 's0').sw('s0', 0, 's0').word(0xffff_ffff);
      handler(p);
    });
    expect([reg('a0'), reg('a2'), reg('a3')]).toEqual([illegal, 0xffff_ffff, 0]);
  });

  it('binds machine mode where an entry is locked', () => {
    const ran = run(core, (p) => {
      begin(p)
        .li('t0', page)
        .csrw('pmpaddr0', 't0')
        .li('t0', 0x80 | readOnly)
        .csrw('pmpcfg0', 't0')
        .address('s0', 0x8001_0000);
      p.lw('s1', 0, 's0').sw('s0', 8, 's0');
      handler(p);
    });
    expect([ran.reg('a0'), ran.reg('a2'), ran.reg('a3')]).toEqual([storeAccess, 0x8001_0008, 3]);
  });

  it('lets user mode do nothing without an entry', () => {
    const ran = run(core, (p) =>
      handler(begin(p).li('t0', 0x1800).csrc('mstatus', 't0').la('t0', 'lower').csrw('mepc', 't0').mret().label('lower').word(0x13)),
    );
    expect([ran.reg('a0'), ran.reg('a1') === ran.reg('a2'), ran.reg('a3')]).toEqual([1, true, 0]);
  });
});

describe.each(supervisorCores)('supervisor mode of %s', (core) => {
  it('gets the exceptions and interrupts that are delegated', () => {
    const machine = machineWith(core, (p) => {
      begin(p)
        .li('t0', 0x104)
        .csrw('medeleg', 't0')
        .li('t0', 0x202)
        .csrw('mideleg', 't0')
        .la('t0', 'supervisor')
        .csrw('stvec', 't0')
        .li('t0', 0x200)
        .csrw('mie', 't0');
      lower(p, 1).label('illegal').word(0xffff_ffff).csrsi('sstatus', 2).label('loop').j('loop');
      p.org(0x200).label('supervisor').csrr('s1', 'scause').bne('s0', 'zero', 'second').addi('s0', 's1', 0).csrr('s2', 'stval').csrr('s3', 'sepc');
      p.addi('s4', 's3', 4).csrw('sepc', 's4').sret().label('second').csrr('s5', 'sepc').label('end2').wfi().j('end2');
      p.org(0x300).label('handler').li('a5', 1).label('end').wfi().j('end');
    });
    machine.processor.interruptInput('seip').set(true);
    machine.run({ instructions: 1000 });
    const reg = (name: string): number => machine.processor.readRegister(name);
    expect(['s0', 's2', 'a5', 'mcause'].map(reg)).toEqual([2, 0xffff_ffff, 0, 0]);
    expect(reg('s1')).toBe((core === 'rv64gc' ? 2 ** 63 : 2 ** 31) + 9);
    expect(reg('s5')).toBe(reg('s3') + 8);
    expect(reg('priv')).toBe(1);
  });

  it('reads counters only where mcounteren allows it', () => {
    for (const allowed of [0, 7]) {
      const ran = run(core, (p) => handler(lower(begin(p).csrwi('mcounteren', allowed), 1).csrr('s0', 'cycle').ecall()));
      expect(ran.reg('a0')).toBe(allowed === 0 ? 2 : 9);
      expect(ran.reg('s0') > 0).toBe(allowed !== 0);
    }
  });

  it('pages that are mapped to themselves work, others are named as not supported', () => {
    const wide = core === 'rv64gc';
    // One level of leaves is enough: 4 MiB each on RV32, 1 GiB on RV64.
    const root = ramBase + 0x10000;
    const index = wide ? 2 : 0x200;
    const leaf = (ramBase >>> 12) * 1024 + 0xcf;
    const program =
      (entry: number) =>
      (p: Program): void => {
        begin(p)
          .address('t0', root + index * (wide ? 8 : 4))
          .li('t1', entry);
        if (wide) p.slli('t1', 't1', 32).srli('t1', 't1', 32).sd('t1', 0, 't0');
        else p.sw('t1', 0, 't0');
        lower(p, 1).li('t0', root >>> 12);
        if (wide) p.li('t1', 8).slli('t1', 't1', 60).add('t0', 't0', 't1');
        else p.li('t1', 1).slli('t1', 't1', 31).add('t0', 't0', 't1');
        p.csrw('satp', 't0').sfence().addi('s0', 'zero', 5).li('t0', 0x1000).lw('t1', 0, 't0');
        handler(p);
      };
    const identity = run(core, program(leaf));
    expect([identity.reg('s0'), ...trap(identity).filter((_, at) => at !== 1)]).toEqual([5, 13, 0x1000, 1]);
    const moved = run(core, program(leaf + 0x4000_0000 / 4));
    expect(moved.end).toMatchObject({ kind: 'fault', message: expect.stringContaining(wide ? 'Sv39' : 'Sv32') as unknown });
  });
});

describe('slices', () => {
  it.each(harts)('of %s by %s: 1, 777 and 1,000,000 instructions leave the same memory, and tell of the same traps', (core, _by, options) => {
    const taken: string[] = [];
    // By public calls they take a hundred times as long.
    const length = options.hartOf === undefined ? 40_000 : 6000;
    const hashes = [1, 777, 1_000_000].map((slice) => {
      const heard: [name: string, pc: number, cycle: number][] = [];
      const machine = machineWith(
        core,
        (p) => {
          begin(p)
            .address('s0', ramBase + 0x8000)
            .li('t0', 0x80)
            .csrw('mie', 't0')
            .csrsi('mstatus', 8)
            .label('loop');
          p.addi('s1', 's1', 1).csrr('t1', 'mcycle').csrr('t2', 'minstret').sw('t1', 0, 's0').sw('t2', 4, 's0').addi('s0', 's0', 8);
          p.andi('t1', 's1', 7)
            .bne('t1', 'zero', 'loop')
            .ecall()
            .word(0xffff_ffff)
            .li('t0', 0x4000_0000)
            .lw('t0', 0, 't0')
            .li('t0', 2500)
            .blt('s1', 't0', 'loop')
            .label('end')
            .j('end');
          p.org(0x200).label('handler').csrr('a0', 'mcause').blt('a0', 'zero', 'timer').csrr('a1', 'mepc').addi('a1', 'a1', 4).csrw('mepc', 'a1');
          p.csrr('a2', 'mcycle').sw('a2', 0, 's0').addi('s0', 's0', 4).mret();
          p.label('timer')
            .csrr('a2', 'mcycle')
            .csrr('a3', 'mepc')
            .sw('a2', 0, 's0')
            .sw('a3', 4, 's0')
            .addi('s0', 's0', 8)
            .li('a4', 0x80)
            .csrc('mie', 'a4')
            .mret();
        },
        options,
      );
      machine.processor.onException = (...trap) => heard.push(trap);
      machine.timeline
        .timer(() => {
          machine.processor.interruptInput('mtip').set(true);
        })
        .set(5003);
      for (let left = length; left > 0; left -= slice) machine.run({ instructions: Math.min(slice, left) });
      expect(machine.instructions).toBe(length);
      expect(heard.filter(([name]) => name === 'machine timer interrupt').map(([, , cycle]) => cycle)).toEqual([5003]);
      expect(new Set(heard.map(([name]) => name)).size).toBe(4);
      taken.push(JSON.stringify(heard));
      return createHash('sha256').update(machine.memory('ram')).digest('hex');
    });
    expect(new Set(hashes).size).toBe(1);
    expect(new Set(taken).size).toBe(1);
  });
});
