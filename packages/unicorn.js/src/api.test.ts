import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MUnicorn, UnicornError } from './index.js';
import { base, branchToSelf, cortexM4, ramSize, rv32, thrownBy, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

let m: Machine;
beforeEach(() => {
  m = cortexM4();
});
afterEach(() => {
  if (m.engine.errno() !== uc.ERR_HANDLE) m.engine.close();
});

describe('module', () => {
  it('comes from the factory and directly, once', async () => {
    expect(await MUnicorn()).toBe(uc);
  });
  it('has version, architectures and error texts', () => {
    expect(uc.version() >>> 24).toBe(2);
    expect([uc.arch_supported(uc.ARCH_ARM), uc.arch_supported(99)]).toEqual([true, false]);
    expect(uc.strerror(uc.ERR_MAP)).toContain('UC_ERR_MAP');
  });
  it.each([
    ['ARCH_RISCV', uc.ARCH_RISCV, 8],
    ['MODE_THUMB', uc.MODE_THUMB, 16],
    ['ARM_REG_PC', uc.ARM_REG_PC, 11],
    ['ARM_REG_R0', uc.ARM_REG_R0, 66],
    ['RISCV_REG_PC', uc.RISCV_REG_PC, 190],
    ['HOOK_MEM_INVALID', uc.HOOK_MEM_INVALID, 0x3f0],
  ])('%s has the value of the headers', (_name, value, expected) => {
    expect(value).toBe(expected);
  });
});

describe('registers', () => {
  it('keeps 32 bits', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 12 }), (value, n) => {
        m.engine.reg_write_i32(uc.ARM_REG_R0 + n, value);
        expect(m.engine.reg_read_i32(uc.ARM_REG_R0 + n)).toBe(value);
      }),
    );
  });
  it('keeps 64 bits as bigint, and single-precision values', () => {
    m.engine.reg_write_i64(uc.ARM_REG_D0, 0x0123_4567_89ab_cdefn);
    expect(m.engine.reg_read_i64(uc.ARM_REG_D0)).toBe(0x0123_4567_89ab_cdefn);
    m.engine.reg_write_double(uc.ARM_REG_D0 + 1, -0.1);
    expect(m.engine.reg_read_double(uc.ARM_REG_D0 + 1)).toBe(-0.1);
    m.engine.reg_write_float(uc.ARM_REG_S0, 1.5);
    expect(m.engine.reg_read_float(uc.ARM_REG_S0)).toBe(1.5);
  });
  it('narrow writes zero-extend; raw bytes are little-endian', () => {
    m.engine.reg_write_i32(uc.ARM_REG_R0, -1);
    m.engine.reg_write_i8(uc.ARM_REG_R0, 0x7f);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(0x7f);
    m.engine.reg_write_i16(uc.ARM_REG_R0, 0x1234);
    expect(Array.from(m.engine.reg_read(uc.ARM_REG_R0, 4))).toEqual([0x34, 0x12, 0, 0]);
    m.engine.reg_write(uc.ARM_REG_R0, [1, 2, 3, 4]);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(0x0403_0201);
    expect([m.engine.reg_read_i8(uc.ARM_REG_R0), m.engine.reg_read_i16(uc.ARM_REG_R0)]).toEqual([1, 0x0201]);
  });
});

describe('memory', () => {
  it('shares native RAM with the guest and with mem_read / mem_write', () => {
    m.ram.set([1, 2, 3], 0x100);
    expect(Array.from(m.engine.mem_read(base + 0x100, 4))).toEqual([1, 2, 3, 0]);
    m.engine.mem_write(BigInt(base) + 0x101n, [9, 8]);
    expect(Array.from(m.ram.subarray(0x100, 0x104))).toEqual([1, 9, 8, 0]);
  });
  it('stays shared when protection splits the region', () => {
    m.engine.mem_protect(base + 0x400, 0x400, uc.PROT_READ);
    for (const offset of [0, 0x400, 0x800]) {
      m.ram[offset] = 0x5a;
      expect(m.engine.mem_read(base + offset, 1)[0]).toBe(0x5a);
    }
    expect(
      m.engine
        .mem_regions()
        .map(({ perms }) => perms)
        .sort(),
    ).toEqual([1, 7, 7]);
  });
  it.each([0, 0x400, 0x1000])('what lies behind the first %i accessible bytes has no permissions until it gets some', (accessible) => {
    const at = 0x6000_0000;
    const shared = new Uint8Array(m.engine.mem_map_native(at, 0x1000, uc.PROT_ALL, accessible));
    expect(shared).toHaveLength(0x1000);
    const regions = (): unknown[] => m.engine.mem_regions().filter(({ begin }) => begin >= at && begin < at + 0x1000);
    expect(regions()).toEqual(
      [
        { begin: BigInt(at), end: BigInt(at + accessible - 1), perms: uc.PROT_ALL },
        { begin: BigInt(at + accessible), end: BigInt(at + 0xfff), perms: uc.PROT_NONE },
      ].filter(({ begin, end }) => begin <= end),
    );
    m.engine.mem_protect(at, 0x1000, uc.PROT_ALL);
    shared[0xffe] = 0x5a;
    expect(m.engine.mem_read(at + 0xffe, 1)[0]).toBe(0x5a);
    m.engine.mem_write(at, [7]);
    expect(shared[0]).toBe(7);
  });
  it('maps nothing of a part that overlaps', () => {
    m.engine.mem_map(0x6000_1000, 0x1000, uc.PROT_ALL);
    expect(() => m.engine.mem_map_native(0x6000_0000, 0x2000, uc.PROT_ALL, 0x1000)).toThrow('UC_ERR_MAP');
    expect(() => m.engine.mem_map_native(0x6000_0000, 0x1000, uc.PROT_ALL, 0x1400)).toThrow('UC_ERR_ARG');
    expect(m.engine.mem_regions()).toHaveLength(2);
  });
  it('lists regions with inclusive ends', () => {
    expect(m.engine.mem_regions()).toEqual([{ begin: BigInt(base), end: BigInt(base + ramSize - 1), perms: uc.PROT_ALL }]);
  });
  it('aliases native RAM in another engine', () => {
    const other = rv32();
    const shared = m.ram.buffer as ArrayBuffer;
    other.engine.mem_map_ptr(0x8000_0000, 0x1000, uc.PROT_ALL, shared, 0x2000);
    m.ram[0x2004] = 77;
    expect(other.engine.mem_read(0x8000_0004, 1)[0]).toBe(77);
    m.engine.close();
    expect(other.engine.mem_read(0x8000_0004, 1)[0]).toBe(77);
    other.engine.close();
  });
  it("is there for another user, where it is nobody else's and has had no hooks", () => {
    const other = rv32();
    other.engine.mem_map_ptr(0x8000_0000, 0x1000, uc.PROT_ALL, m.ram.buffer as ArrayBuffer);
    m.code(base, 0x2001, 0xde00);
    m.engine.run({ pc: base, budget: 10 });
    expect(m.engine.reuse.recycle()).toBe(false);
    other.engine.close();
    const hooked = cortexM4();
    hooked.engine.hook_del(hooked.engine.hook_add(uc.HOOK_CODE, () => undefined));
    hooked.engine.run({ pc: base, budget: 10 });
    expect(hooked.engine.reuse.recycle()).toBe(false);
    hooked.engine.close();
    expect(() => m.engine.reuse.renew(base, ramSize)).toThrow('UC_ERR_ARG');
    expect(m.ram[0]).toBe(1);
    expect(m.engine.reuse.recycle()).toBe(true);
    expect(m.ram.length).toBe(0);
    expect(() => m.engine.reuse.renew(base + 0x400, ramSize - 0x400)).toThrow('UC_ERR_ARG');
    expect(new Uint8Array(m.engine.reuse.renew(base, ramSize)).every((byte) => byte === 0)).toBe(true);
    expect(m.engine.mem_read(base, 4)).toEqual(new Uint8Array(4));
  });
  it('unmaps in parts', () => {
    m.engine.mem_unmap(base + 0x400, 0x400);
    expect(() => m.engine.mem_read(base + 0x400, 1)).toThrow('UC_ERR_READ_UNMAPPED');
    m.ram[0x800] = 3;
    expect(m.engine.mem_read(base + 0x800, 1)[0]).toBe(3);
    m.engine.mem_map(base + 0x400, 0x400, uc.PROT_READ);
    expect(m.engine.mem_read(base + 0x400, 1)[0]).toBe(0);
  });
  it.each([
    ['unaligned', 0x10, 0x1000, 'uc_mem_map', uc.ERR_ARG],
    ['overlapping', base, 0x1000, 'uc_mem_map', uc.ERR_MAP],
    ['empty', 0x1000, 0, 'uc_mem_map', uc.ERR_ARG],
    ['larger than 4 GiB', 0, 2 ** 40, 'uc_mem_map', -3],
  ])('refuses a region that is %s', (_name, address, size, functionName, code) => {
    const error = thrownBy(() => {
      m.engine.mem_map(address, size, uc.PROT_ALL);
    });
    expect(error).toBeInstanceOf(UnicornError);
    expect(error).toMatchObject({ functionName, code });
    expect(String(error)).toBe(`Unicorn.js: Function ${functionName} failed with code ${code}:\n${uc.strerror(code)}`);
  });
});

describe('emu_start', () => {
  // movs r0, #1; movs r0, #2; movs r0, #3; b .
  const program = [0x2001, 0x2002, 0x2003, branchToSelf];
  it('runs up to an address, or a count', () => {
    m.code(base, ...program);
    m.engine.emu_start(base | 1, base + 4);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(2);
    m.engine.emu_start(BigInt(base | 1), 0n, 0, 1);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(1);
  });
  it('reports an unhandled interrupt also on an engine that has run budgets', () => {
    m.code(base, 0xdf00, branchToSelf); // svc #0
    m.engine.run({ pc: base, budget: 1 });
    expect(() => {
      m.engine.emu_start(base | 1, 0, 0, 5);
    }).toThrow('UC_ERR_EXCEPTION');
  });
  it('restores a context', () => {
    const context = m.engine.context_alloc();
    m.engine.reg_write_i32(uc.ARM_REG_R4, 4);
    m.engine.context_save(context);
    m.engine.reg_write_i32(uc.ARM_REG_R4, 5);
    m.engine.context_restore(context);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R4)).toBe(4);
    m.engine.context_free(context);
  });
  it('answers queries and controls', () => {
    expect(m.engine.query_i32(uc.QUERY_PAGE_SIZE)).toBe(1024);
    expect(m.engine.query_i64(uc.QUERY_PAGE_SIZE)).toBe(1024n);
    expect(m.engine.ctl_get_cpu_model()).toBe(uc.CPU_ARM_CORTEX_M4);
    expect(m.engine.errno()).toBe(uc.ERR_OK);
  });
});
