import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { base, branchToSelf, cortexM4, undefinedInstruction, uc } from './testing/machines.js';
import type { Machine } from './testing/machines.js';

let m: Machine;
beforeEach(() => {
  m = cortexM4();
});
afterEach(() => {
  m.engine.close();
});

const unmapped = 0x5000_0000;
const start = (count: number): void => {
  m.engine.emu_start(base | 1, 0, 0, count);
};

describe('code and block hooks', () => {
  // movs r0, #1; nop.w; b .
  const program = [0x2001, 0xf3af, 0x8000, branchToSelf];
  it('reports each instruction with address, size and user data', () => {
    m.code(base, ...program);
    const seen: unknown[] = [];
    m.engine.hook_add(
      uc.HOOK_CODE,
      (engine: unknown, address: bigint, size: number, data: unknown) => {
        seen.push([engine === m.engine, address, size, data]);
      },
      'mine',
    );
    start(3);
    expect(seen).toEqual([
      [true, BigInt(base), 2, 'mine'],
      [true, BigInt(base + 2), 4, 'mine'],
      [true, BigInt(base + 6), 2, 'mine'],
    ]);
  });
  it('keeps to the range, and works on code that ran before', () => {
    m.code(base, ...program);
    start(3);
    const seen: bigint[] = [];
    const hook = m.engine.hook_add(uc.HOOK_CODE, (_engine: unknown, address: bigint) => seen.push(address), {}, base + 2, base + 3);
    start(3);
    expect(seen).toEqual([BigInt(base + 2)]);
    m.engine.hook_del(hook);
    start(3);
    expect(seen).toHaveLength(1);
  });
  it('reports blocks', () => {
    m.code(base, ...program);
    const seen: bigint[] = [];
    m.engine.hook_add(uc.HOOK_BLOCK, (_engine: unknown, address: bigint) => seen.push(address));
    start(3);
    expect(seen[0]).toBe(BigInt(base));
  });
});

describe('events', () => {
  it('hands interrupts over and goes on', () => {
    m.code(base, 0xdf07, 0x2005, branchToSelf); // svc #7; movs r0, #5
    const numbers: number[] = [];
    m.engine.hook_add(uc.HOOK_INTR, (_engine: unknown, number: number) => numbers.push(number));
    start(4);
    expect(numbers).toEqual([2]);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0)).toBe(5);
  });
  it('stops at an invalid instruction that the hook does not handle', () => {
    m.code(base, undefinedInstruction);
    let calls = 0;
    m.engine.hook_add(uc.HOOK_INSN_INVALID, () => {
      calls++;
      return false;
    });
    expect(() => {
      start(2);
    }).toThrow('UC_ERR_INSN_INVALID');
    expect(calls).toBe(1);
  });
  it.each([
    ['read', 0x6808, uc.MEM_READ_UNMAPPED, 'UC_ERR_READ_UNMAPPED', []], // ldr r0, [r1]
    ['write', 0x6008, uc.MEM_WRITE_UNMAPPED, 'UC_ERR_WRITE_UNMAPPED', [0xffff_fffen]], // str r0, [r1]
  ])('reports a faulting %s; a hook may map the page and retry', (_name, code, type, error, value) => {
    m.code(base, code, branchToSelf);
    m.engine.reg_write_i32(uc.ARM_REG_R0, -2);
    m.engine.reg_write_i32(uc.ARM_REG_R1, unmapped);
    expect(() => {
      start(2);
    }).toThrow(error);
    const seen: unknown[] = [];
    m.engine.hook_add(uc.HOOK_MEM_UNMAPPED, (_engine: unknown, ...event: [number, bigint, number, bigint, unknown]) => {
      // A read has no value yet.
      seen.push(event.slice(0, 3 + value.length));
      m.engine.mem_map(unmapped, 0x400, uc.PROT_ALL);
      return true;
    });
    start(2);
    expect(seen).toEqual([[type, BigInt(unmapped), 4, ...value]]);
  });
  it('reports plain accesses', () => {
    m.code(base, 0x6808, branchToSelf); // ldr r0, [r1]
    m.engine.reg_write_i32(uc.ARM_REG_R1, base + 0x100);
    const seen: unknown[] = [];
    m.engine.hook_add(uc.HOOK_MEM_READ, (_engine: unknown, type: number, address: bigint) => {
      seen.push([type, address]);
    });
    start(1);
    expect(seen).toEqual([[uc.MEM_READ, BigInt(base + 0x100)]]);
  });
  it.each([
    ['none', 0],
    ['code with interrupt', uc.HOOK_CODE | uc.HOOK_INTR],
    ['instruction', uc.HOOK_INSN],
    ['unknown', 1 << 20],
  ])('refuses hooks of type %s', (_name, type) => {
    expect(() => m.engine.hook_add(type, () => undefined)).toThrow('UC_ERR_HOOK');
  });
});

describe('mmio_map', () => {
  const device = 0x4000_0000;
  beforeEach(() => {
    m.engine.reg_write_i32(uc.ARM_REG_R1, device);
  });
  it.each([
    ['ldr r0, [r1, #4]', 0x6848, 4, 4, 0xfedc_ba98],
    ['ldrh r0, [r1, #2]', 0x8848, 2, 2, 0xfedc],
    ['ldrb r0, [r1, #3]', 0x78c8, 3, 1, 0xfe],
  ])('%s reads offset and size', (_name, code, offset, size, value) => {
    const seen: unknown[] = [];
    m.engine.mmio_map(device, 0x400, {
      read(...access) {
        seen.push(access);
        return value;
      },
      write: () => undefined,
    });
    m.code(base, code, branchToSelf);
    start(1);
    expect(seen).toEqual([[offset, size]]);
    expect(m.engine.reg_read_i32(uc.ARM_REG_R0) >>> 0).toBe(value);
  });
  it('writes unsigned values, from the guest and from the host', () => {
    const seen: unknown[] = [];
    m.engine.mmio_map(device, 0x400, {
      read: () => 0x1122_3344,
      write: (...access) => seen.push(access),
    });
    m.code(base, 0x6048, branchToSelf); // str r0, [r1, #4]
    m.engine.reg_write_i32(uc.ARM_REG_R0, -1);
    start(1);
    m.engine.mem_write(device + 8, [1, 0, 0, 0x80]);
    expect(seen).toEqual([
      [4, 4, 0xffff_ffff],
      [8, 4, 0x8000_0001],
    ]);
    expect(Array.from(m.engine.mem_read(device, 4))).toEqual([0x44, 0x33, 0x22, 0x11]);
  });
});
