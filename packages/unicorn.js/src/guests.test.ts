import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { uc } from './testing/machines.js';
import type { SystemRegister, TranslationBlock, Unicorn } from './index.js';

const open: Unicorn[] = [];
afterEach(() => {
  for (const engine of open.splice(0)) engine.close();
});

const base = 0x1_0000;

/** A machine with code at `base`. */
function guest(arch: number, mode: number, code: readonly number[], prepare?: (engine: Unicorn) => void): Unicorn {
  const engine = new uc.Unicorn(arch, mode);
  open.push(engine);
  prepare?.(engine);
  engine.mem_map(base, 0x4000, uc.PROT_ALL);
  engine.mem_write(base, code);
  return engine;
}

/** Bytes of words, most significant first. */
const big = (...words: number[]): number[] => words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
const little = (...words: number[]): number[] => big(...words).flatMap((_, index, bytes) => bytes[(index & ~3) + 3 - (index & 3)]!);

interface Row {
  readonly name: string;
  readonly arch: number;
  readonly mode: number;
  readonly code: readonly number[];
  /** A register with its value before and after. */
  readonly register: number;
  readonly before: bigint;
  readonly after: bigint;
}

const rows: Row[] = [
  // add rax, 0x11; inc rax
  {
    name: 'x86-64',
    arch: uc.ARCH_X86,
    mode: uc.MODE_64,
    code: [0x48, 0x83, 0xc0, 0x11, 0x48, 0xff, 0xc0],
    register: uc.X86_REG_RAX,
    before: 0x7fff_ffff_ffff_0000n,
    after: 0x7fff_ffff_ffff_0012n,
  },
  // add x0, x0, #0x11; add x0, x0, #1
  {
    name: 'Arm64',
    arch: uc.ARCH_ARM64,
    mode: uc.MODE_ARM,
    code: little(0x91004400, 0x91000400),
    register: uc.ARM64_REG_X0,
    before: 0x1_0000_0000n,
    after: 0x1_0000_0012n,
  },
  // addiu $v0, $v0, 0x11; addiu $v0, $v0, 1
  {
    name: 'MIPS',
    arch: uc.ARCH_MIPS,
    mode: uc.MODE_MIPS32 | uc.MODE_BIG_ENDIAN,
    code: big(0x24420011, 0x24420001),
    register: uc.MIPS_REG_2,
    before: 5n,
    after: 0x17n,
  },
  // addi r3, r3, 0x11; addi r3, r3, 1
  {
    name: 'PPC',
    arch: uc.ARCH_PPC,
    mode: uc.MODE_PPC32 | uc.MODE_BIG_ENDIAN,
    code: big(0x38630011, 0x38630001),
    register: uc.PPC_REG_3,
    before: 5n,
    after: 0x17n,
  },
  // add %g1, 0x11, %g1; add %g1, 1, %g1
  {
    name: 'SPARC',
    arch: uc.ARCH_SPARC,
    mode: uc.MODE_SPARC32 | uc.MODE_BIG_ENDIAN,
    code: big(0x82006011, 0x82006001),
    register: uc.SPARC_REG_G1,
    before: 5n,
    after: 0x17n,
  },
  // ahi %r2, 0x11; ahi %r2, 1
  {
    name: 's390x',
    arch: uc.ARCH_S390X,
    mode: uc.MODE_BIG_ENDIAN,
    code: big(0xa72a0011, 0xa72a0001),
    register: uc.S390X_REG_R2,
    before: 0x1_0000_0005n,
    after: 0x1_0000_0017n,
  },
  // mov %d0, 7; add %d0, 4
  { name: 'TriCore', arch: uc.ARCH_TRICORE, mode: uc.MODE_LITTLE_ENDIAN, code: [0x82, 0x70, 0xc2, 0x40], register: uc.TRICORE_REG_D0, before: 1n, after: 11n },
  // addq.l #8, d0; addq.l #1, d0
  { name: 'm68k', arch: uc.ARCH_M68K, mode: uc.MODE_BIG_ENDIAN, code: [0x50, 0x80, 0x52, 0x80], register: uc.M68K_REG_D0, before: 5n, after: 14n },
  // add r0, r0, #0x11; add r0, r0, #1
  { name: 'Arm', arch: uc.ARCH_ARM, mode: uc.MODE_ARM, code: little(0xe2800011, 0xe2800001), register: uc.ARM_REG_R0, before: 5n, after: 0x17n },
  // addi a0, a0, 0x11; addi a0, a0, 1
  {
    name: 'RV64',
    arch: uc.ARCH_RISCV,
    mode: uc.MODE_RISCV64,
    code: little(0x01150513, 0x00150513),
    register: uc.RISCV_REG_A0,
    before: 0x1_0000_0005n,
    after: 0x1_0000_0017n,
  },
];

describe.each(rows)('a guest of $name', ({ arch, mode, code, register, before, after }) => {
  it('runs, is watched, and keeps its registers in a context', () => {
    const engine = guest(arch, mode, code);
    expect([engine.ctl_get_arch(), engine.query_i32(uc.QUERY_ARCH)]).toEqual([arch, arch]);
    expect(engine.ctl_get_page_size()).toBeGreaterThanOrEqual(1024);
    engine.reg_write_batch([register], [before]);
    const context = engine.context_alloc();
    engine.context_save(context);
    const addresses: bigint[] = [];
    engine.hook_add(uc.HOOK_CODE, (_engine: Unicorn, address: bigint) => void addresses.push(address));
    engine.emu_start(base, base + code.length);
    expect(engine.reg_read_batch([register, register])).toEqual([after, after]);
    expect(addresses).toHaveLength(2);
    expect(addresses[0]).toBe(BigInt(base));
    expect(engine.context_reg_read_i64(context, register)).toBe(before);
    engine.context_reg_write_i64(context, register, 1n);
    expect(engine.reg_read_i64(register)).toBe(after);
    engine.context_restore(context);
    expect(engine.reg_read_i64(register)).toBe(1n);
    expect(engine.context_size()).toBeGreaterThan(100);
  });
});

describe('hooks of x86', () => {
  const x86 = (code: readonly number[]): Unicorn => guest(uc.ARCH_X86, uc.MODE_64, code);
  const start = (engine: Unicorn, code: readonly number[]): void => {
    engine.emu_start(base, base + code.length);
  };
  it('IN and OUT carry ports and values', () => {
    const code = [0xe4, 0x60, 0xe6, 0x61, 0xef]; // in al, 0x60; out 0x61, al; out dx, eax
    const engine = x86(code);
    const seen: unknown[] = [];
    engine.hook_add(
      uc.HOOK_INSN,
      (_e: Unicorn, port: number, size: number, data: string) => (seen.push([port, size, data]), 0x42),
      'data',
      1,
      0,
      uc.X86_INS_IN,
    );
    engine.hook_add(uc.HOOK_INSN, (_e: Unicorn, port: number, size: number, value: number) => void seen.push([port, size, value]), {}, 1, 0, uc.X86_INS_OUT);
    engine.reg_write_batch([uc.X86_REG_RAX, uc.X86_REG_RDX], [0x8000_0100, 0x1234]);
    start(engine, code);
    expect(seen).toEqual([
      [0x60, 1, 'data'],
      [0x61, 1, 0x42],
      [0x1234, 4, 0x8000_0142],
    ]);
  });
  it.each([
    ['SYSCALL', [0x0f, 0x05], uc.X86_INS_SYSCALL],
    ['CPUID, carried out by the hook', [0x0f, 0xa2], uc.X86_INS_CPUID],
  ])('%s', (_name, code, instruction) => {
    const engine = x86(code);
    engine.hook_add(
      uc.HOOK_INSN,
      (e: Unicorn, data: string) => {
        expect(data).toBe('data');
        e.reg_write_i64(uc.X86_REG_RBX, 77n);
        return true;
      },
      'data',
      1,
      0,
      instruction,
    );
    start(engine, code);
    expect(engine.reg_read_i64(uc.X86_REG_RBX)).toBe(77n);
  });
  it.each([
    ['of no list', uc.X86_INS_NOP, 0],
    ['operation of no list', 1, uc.HOOK_TCG_OPCODE],
  ])('an instruction %s is refused', (_name, extra, type) => {
    expect(() => x86([0x90]).hook_add(type === 0 ? uc.HOOK_INSN : type, () => 0, {}, 1, 0, extra)).toThrow('UC_ERR_HOOK');
  });
  it('edges name both blocks', () => {
    const code = [0xeb, 0x00, 0x90, 0xeb, 0x00, 0x90]; // jmp next; nop; jmp next; nop
    const engine = x86(code);
    const edges: [TranslationBlock, TranslationBlock][] = [];
    engine.hook_add(uc.HOOK_EDGE_GENERATED, (_e: Unicorn, current: TranslationBlock, previous: TranslationBlock) => void edges.push([current, previous]));
    start(engine, code);
    expect(edges[0]).toEqual([expect.objectContaining({ pc: BigInt(base + 2), icount: 2 }), expect.objectContaining({ pc: BigInt(base), size: 2 })]);
  });
  it('comparisons show their operands', () => {
    const code = [0x48, 0x39, 0xd8, 0x90]; // cmp rax, rbx; nop
    const engine = x86(code);
    const seen: unknown[] = [];
    engine.hook_add(
      uc.HOOK_TCG_OPCODE,
      (_e: Unicorn, address: bigint, first: bigint, second: bigint, size: number) => void seen.push([address, first, second, size]),
      {},
      1,
      0,
      uc.TCG_OP_SUB,
      uc.TCG_OP_FLAG_CMP,
    );
    engine.reg_write_batch([uc.X86_REG_RAX, uc.X86_REG_RBX], [2n ** 40n, 5]);
    start(engine, code);
    expect(seen).toEqual([[BigInt(base), 2n ** 40n, 5n, 64]]);
  });
  it('a model specific register is the one that was asked for', () => {
    const engine = x86([0x90]);
    const fsBase = 0xc000_0100;
    const request = (value: number): number[] => [...little(fsBase), 0, 0, 0, 0, ...little(value), 0, 0, 0, 0];
    engine.reg_write(uc.X86_REG_MSR, request(0x1234_5000));
    expect([...engine.reg_read(uc.X86_REG_MSR, 16, request(0))].slice(8, 12)).toEqual(little(0x1234_5000));
    expect(engine.reg_read_i64(uc.X86_REG_FS_BASE)).toBe(0x1234_5000n);
  });
});

it('MRS of Arm64 tells the system register, and its result can be given', () => {
  const code = little(0xd53bd045); // mrs x5, tpidr_el0
  const engine = guest(uc.ARCH_ARM64, uc.MODE_ARM, code);
  const seen: unknown[] = [];
  engine.hook_add(
    uc.HOOK_INSN,
    (e: Unicorn, register: number, { crn, crm, op0, op1, op2 }: SystemRegister) => {
      seen.push([register, crn, crm, op0, op1, op2]);
      e.reg_write_i64(uc.ARM64_REG_X5, 99n);
      return true;
    },
    {},
    1,
    0,
    uc.ARM64_INS_MRS,
  );
  engine.emu_start(base, base + 4);
  expect(seen).toEqual([[uc.ARM64_REG_X5, 13, 0, 3, 3, 2]]);
  expect(engine.reg_read_i64(uc.ARM64_REG_X5)).toBe(99n);
});

describe('controls', () => {
  it('several exits', () => {
    const engine = guest(uc.ARCH_X86, uc.MODE_64, Array<number>(16).fill(0x90));
    expect([engine.ctl_get_mode(), engine.ctl_get_timeout()]).toEqual([uc.MODE_64, 0n]);
    expect(() => {
      engine.ctl_set_exits([1n]);
    }).toThrow('UC_ERR_ARG');
    engine.ctl_exits_enable();
    engine.ctl_set_exits([base + 7, BigInt(base + 3)]);
    expect(engine.ctl_get_exits(engine.ctl_get_exits_cnt())).toEqual([BigInt(base + 3), BigInt(base + 7)]);
    engine.emu_start(base, 0);
    expect(engine.reg_read_i64(uc.X86_REG_RIP)).toBe(BigInt(base + 3));
    engine.ctl_exits_disable();
    engine.emu_start(base, base + 5);
    expect(engine.reg_read_i64(uc.X86_REG_RIP)).toBe(BigInt(base + 5));
  });
  it('a block can be asked for, and dropped', () => {
    const engine = guest(uc.ARCH_X86, uc.MODE_64, [0x90, 0x90, 0xc3]);
    expect(engine.ctl_request_cache(base)).toEqual({ pc: BigInt(base), icount: 3, size: 3 });
    engine.ctl_flush_tb();
    engine.ctl_flush_tlb();
    engine.ctl_tlb_mode(uc.TLB_CPU);
    engine.ctl_context_mode(uc.CTL_CONTEXT_CPU);
    expect(() => {
      engine.ctl_tlb_mode(1);
    }).toThrow('UC_ERR_ARG');
  });
  it.each([1024, 4096, 65_536])('the page size of Arm: %i', (size) => {
    const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_ARM);
    open.push(engine);
    engine.ctl_set_page_size(size);
    expect(engine.ctl_get_page_size()).toBe(size);
    engine.mem_map(size, size, 7);
    expect(() => {
      engine.mem_map(0, size / 2, 7);
    }).toThrow('UC_ERR_ARG');
  });
  it('a page size that no Arm has is refused', () => {
    const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_ARM);
    open.push(engine);
    for (const size of [0, 512, 4097, 131_072, 2n ** 32n])
      expect(() => {
        engine.ctl_set_page_size(size);
      }).toThrow('UC_ERR_ARG');
  });
  it('run is for runs without exits', () => {
    const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
    open.push(engine);
    engine.ctl_exits_enable();
    expect(() => engine.run({ pc: 0, budget: 1 })).toThrow('disable exits first');
  });
});

it('a plain script requires the factory', () => {
  const entry = fileURLToPath(new URL('../index.cjs', import.meta.url));
  const script = `
    const MUnicorn = require(${JSON.stringify(entry)});
    MUnicorn().then((uc) => {
      const e = new uc.Unicorn(uc.ARCH_X86, uc.MODE_32);
      e.ctl_set_cpu_model(uc.CPU_X86_QEMU32);
      e.mem_map(0x1000n, 0x1000, uc.PROT_ALL);
      e.mem_write(0x1000n, [0xb8, 0x34, 0x12, 0, 0]); // mov eax, 0x1234
      e.emu_start(0x1000n, 0x1005n, 0, 0);
      const seen = [e.reg_read_i32(uc.X86_REG_EAX), e.ctl_get_cpu_model() === uc.CPU_X86_QEMU32];
      e.close();
      try { e.mem_map(0, 0x1000, 7); } catch (error) { seen.push(String(error)); }
      console.log(JSON.stringify(seen));
    });`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([0x1234, true, `Unicorn.js: Function uc_mem_map failed with code ${uc.ERR_HANDLE}:\n${uc.strerror(uc.ERR_HANDLE)}`]);
});
