import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadUnicorn } from './index.js';
import type { Unicorn } from './index.js';

const uc = loadUnicorn();
const base = 0x2000_0000;
const size = 0x4_0000;

const opened: Unicorn[] = [];
afterEach(() => {
  for (const engine of opened.splice(0)) engine.close();
});

/** A Cortex-M4 with RAM. The stack and data lie beside the code, and code is written where data was. */
function open(fast: boolean): { readonly engine: Unicorn; readonly ram: Uint8Array; readonly words: Uint32Array } {
  const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
  opened.push(engine);
  engine.ctl_set_cpu_model(uc.CPU_ARM_CORTEX_M4);
  if (fast) expect(engine.fast_stores()).toBe(true);
  const buffer = engine.mem_map_native(base, size, uc.PROT_ALL);
  return { engine, ram: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

function write(ram: Uint8Array, offset: number, halfwords: readonly number[]): void {
  new Uint16Array(ram.buffer, ram.byteOffset + offset, halfwords.length).set(halfwords);
}

const returnToCaller = 0x4770;

it('is refused where the internals are not to be used, and for other architectures', () => {
  const x86 = new uc.Unicorn(uc.ARCH_X86, uc.MODE_64);
  opened.push(x86);
  expect(x86.fast_stores()).toBe(false);
  const script = `const { loadUnicorn } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
    const uc = loadUnicorn(); console.log(new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB).fast_stores());`;
  const env = { ...process.env, NODE_OPTIONS: '', UNICORN_INTERNALS: 'off' };
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })).toBe('false\n');
});

it.each([
  ['RV32', uc.MODE_RISCV32],
  ['RV64', uc.MODE_RISCV64],
])('is there on %s too', (_name, mode) => {
  const engine = new uc.Unicorn(uc.ARCH_RISCV, mode);
  opened.push(engine);
  engine.reg_write_i32(uc.RISCV_REG_X0 + 5, 123);
  expect(engine.fast_stores()).toBe(true);
  expect(engine.reg_read_i32(uc.RISCV_REG_X0 + 5)).toBe(123);
});

describe.each([
  ['fast', true],
  ['slow', false],
])('%s stores', (_name, fast) => {
  it('leave in memory what was stored, and count the same', () => {
    const { engine, ram, words } = open(fast);
    // str r0, [r1, r2]; adds r0, #1; adds r2, #4; uxth r2, r2; b .-8
    write(ram, 0, [0x5088, 0x3001, 0x3204, 0xb292, 0xe7fa]);
    engine.reg_write_i32(uc.ARM_REG_R0 + 1, base + 0x1_0000);
    const { executed, pc } = engine.run({ pc: base, budget: 5 * 1_000_000 });
    expect({ executed, pc }).toEqual({ executed: 5_000_000, pc: base });
    const expected = Array.from({ length: 0x4000 }, (_, n) => n + 0x4000 * (n < 1_000_000 % 0x4000 ? 61 : 60));
    expect([...words.subarray(0x4000, 0x8000)]).toEqual(expected);
  });

  it('into memory that holds code change the code that runs next, round after round', () => {
    const { engine, ram } = open(fast);
    // A routine far away is written, called, and written again: adds r0, #n; bx lr.
    // loop: strh r4, [r5]; strh r6, [r5, #2]; blx r7; adds r4, #1; uxtb; b loop with the opcode's upper byte put back.
    write(ram, 0, [
      0x802c, // strh r4, [r5]
      0x806e, // strh r6, [r5, #2]
      0x47b8, // blx r7
      0x3401, // adds r4, #1
      0xe7fa, // b loop
    ]);
    engine.reg_write_i32(uc.ARM_REG_R0 + 4, 0x3001);
    engine.reg_write_i32(uc.ARM_REG_R0 + 5, base + 0x2_0000);
    engine.reg_write_i32(uc.ARM_REG_R0 + 6, returnToCaller);
    engine.reg_write_i32(uc.ARM_REG_R0 + 7, (base + 0x2_0000) | 1);
    const { executed } = engine.run({ pc: base, budget: 7 * 40 });
    expect(executed).toBe(280);
    // 1 + 2 + .. + 40
    expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(820);
  });

  it('over long runs into what becomes code later', () => {
    const { engine, ram } = open(fast);
    // The page is stored to for longer than it takes to be marked; then the code in it is written and called.
    write(ram, 0, [0x602c, 0x3c01, 0xd1fc, 0x8028, 0x806e, 0x47b8, 0xbe00]); // l: str r4,[r5]; subs r4,#1; bne l; strh r0,[r5]; strh r6,[r5,#2]; blx r7; bkpt
    for (const step of [1, 2, 3, 4]) {
      engine.reg_write_i32(uc.ARM_REG_R0, 0x3000 + step);
      engine.reg_write_i32(uc.ARM_REG_R0 + 4, 300_000);
      engine.reg_write_i32(uc.ARM_REG_R0 + 5, base + 0x3_0000);
      engine.reg_write_i32(uc.ARM_REG_R0 + 6, returnToCaller);
      engine.reg_write_i32(uc.ARM_REG_R0 + 7, (base + 0x3_0000) | 1);
      const { reason } = engine.run({ pc: base, budget: 10_000_000 });
      expect(reason).toBe('exception');
      expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(0x3000 + 2 * step);
    }
  });

  it('to memory that may not be executed, which becomes code, data and code again', () => {
    const { engine, ram } = open(fast);
    const data = base + 0x10_0000;
    engine.mem_map_native(data, 0x4000, uc.PROT_READ | uc.PROT_WRITE);
    // l: str r4,[r5]; subs r4,#1; bne l; strh r0,[r5]; strh r6,[r5,#2]; bkpt; and: blx r7; bkpt
    write(ram, 0, [0x602c, 0x3c01, 0xd1fc, 0x8028, 0x806e, 0xbe00, 0x47b8, 0xbe00]);
    for (const step of [1, 2, 3]) {
      engine.reg_write_i32(uc.ARM_REG_R0, 0x3000 + step); // adds r0, #step
      engine.reg_write_i32(uc.ARM_REG_R0 + 4, 200_000);
      engine.reg_write_i32(uc.ARM_REG_R0 + 5, data);
      engine.reg_write_i32(uc.ARM_REG_R0 + 6, returnToCaller);
      engine.reg_write_i32(uc.ARM_REG_R0 + 7, data | 1);
      expect(engine.run({ pc: base, budget: 10_000_000 })).toMatchObject({ reason: 'exception', executed: 600_002 });
      expect(engine.run({ pc: base + 12, budget: 100 })).toMatchObject({ reason: 'memory-fault', pc: data });
      engine.mem_protect(data, 0x1000, uc.PROT_READ | uc.PROT_EXEC);
      expect(engine.run({ pc: base + 12, budget: 100 }).reason).toBe('exception');
      expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(0x3000 + 2 * step);
      engine.mem_protect(data, 0x1000, uc.PROT_READ | uc.PROT_WRITE);
    }
  });

  it('leave IT blocks whole that reach into memory which no code was fetched from', () => {
    const { engine, ram } = open(fast);
    // The block's IT is the last halfword of a piece: ite eq; moveq r0, #1; movne r0, #2; bkpt
    for (const offset of [0xffe, 0xffc, 0x1ffe]) {
      write(ram, offset, [0xbf0c, 0x2001, 0x2002, 0xbe00]);
      engine.reg_write_i32(uc.ARM_REG_R0, 7);
      engine.reg_write_i32(uc.ARM_REG_APSR_NZCV, 0);
      const { reason, executed, pc } = engine.run({ pc: base + offset, budget: 100 });
      expect({ reason, executed, pc }).toEqual({ reason: 'exception', executed: 3, pc: base + offset + 6 });
      expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(2);
    }
  });

  it('keep what mem_protect and mem_unmap say', () => {
    const { engine, ram } = open(fast);
    write(ram, 0, [0x6008, 0xbe00]); // str r0, [r1]; bkpt
    const storeTo = (address: number): string => {
      engine.reg_write_i32(uc.ARM_REG_R0 + 1, address);
      return engine.run({ pc: base, budget: 10 }).reason;
    };
    expect(storeTo(base + 0x1_0000)).toBe('exception');
    engine.mem_protect(base + 0x1_0000, 0x1000, uc.PROT_READ);
    expect(storeTo(base + 0x1_0000)).toBe('memory-fault');
    expect(storeTo(base + 0x1_1000)).toBe('exception');
    engine.mem_unmap(base + 0x2_0000, 0x1000);
    expect(storeTo(base + 0x2_0000)).toBe('memory-fault');
    expect(storeTo(base + 0x2_1000)).toBe('exception');
  });

  it('change nothing about code that the host puts into memory', () => {
    const { engine, ram } = open(fast);
    for (const [round, offset] of [0, 0x1_0000, 0, 0x1_0000].entries()) {
      write(ram, offset, [0x3001 + round, 0xbe00]);
      engine.ctl_remove_cache(base, base + size);
      engine.reg_write_i32(uc.ARM_REG_R0, 0);
      expect(engine.run({ pc: base + offset, budget: 10 }).reason).toBe('exception');
      expect(engine.reg_read_i32(uc.ARM_REG_R0)).toBe(1 + round);
    }
  });
});
