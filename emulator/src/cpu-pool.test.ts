import type { CpuBackend, Isa } from '@fireball/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CpuPool } from './index.js';
import { allCpus, words } from './testing/guest.js';

const [code, data] = [0x1_0000, 0x2000_0000];
const size = 0x4000;
const [rx, rw] = [
  { read: true, write: false, execute: true },
  { read: true, write: true, execute: false },
];

/** Sets a register to 1 or 2, stores it where another points, ends in a trap; and floating-point arithmetic that is inexact. */
const programs = {
  thumb2: {
    set: [
      [0x2201, 0x600a, 0xde00],
      [0x2202, 0x600a, 0xde00],
    ],
    // movw r2, #0xed88; movt r2, #0xe000; ldr r1, [r2]; orr r1, r1, #0xf00000; str r1, [r2]; vmov.f32 s0, #3.0; vmov.f32 s1, #1.0; vdiv.f32 s2, s1, s0; udf #0
    floats: [0xf64e, 0x5288, 0xf2ce, 0x0200, 0x6811, 0xf441, 0x0170, 0x6011, 0xeeb0, 0x0a08, 0xeef7, 0x0a00, 0xee80, 0x1a80, 0xde00],
    pointer: 'r1',
    value: 'r2',
  },
  rv32: {
    set: [words(0x00100613, 0x00c5a023, 0x00100073), words(0x00200613, 0x00c5a023, 0x00100073)],
    // li a2, 3; fcvt.s.w f0, a2; li a2, 1; fcvt.s.w f1, a2; fdiv.s f2, f1, f0; ebreak
    floats: words(0x00300613, 0xd0067053, 0x00100613, 0xd00670d3, 0x1800f153, 0x00100073),
    pointer: 'a1',
    value: 'a2',
  },
} as const;
const withFloats: readonly string[] = ['cortex-m4', 'rv32imfdc'];

describe.each(allCpus)('CPUs of a pool, on %s %s', (isa: Isa, name) => {
  const { set, floats, pointer, value } = programs[isa];
  let pool: CpuPool;
  let cpu: CpuBackend;
  const open = (): { cpu: CpuBackend; code: Uint8Array; data: Uint8Array } => {
    cpu = pool.create({ isa, cpu: name });
    return { cpu, code: cpu.mapRam(code, size, rx), data: cpu.mapRam(data, size, rw) };
  };
  const put = (bytes: Uint8Array, halfwords: readonly number[], at = 0): void => {
    bytes.set(new Uint8Array(Uint16Array.from(halfwords).buffer), at);
    cpu.invalidateCode(code + at, 2 * halfwords.length);
  };
  const call = (at = 0): number => {
    cpu.writeRegister(pointer, data + 8);
    // Twice, so that there are translations of it.
    for (let n = 0; n < 2; n++) expect(cpu.run(code + at, 1000).reason).toEqual({ kind: 'invalid-instruction' });
    return cpu.readRegister(value);
  };
  const nextDay = (): void => {
    cpu.close();
  };
  const start = (): ReturnType<typeof open> => {
    pool = new CpuPool();
    return open();
  };
  afterEach(() => {
    cpu.close();
    pool.close();
  });

  it('have nothing of the ones before, but their engine', () => {
    const first = start();
    const fresh = cpu.saveState();
    put(first.code, set[0]);
    cpu.countRange(code, code + size);
    expect(call()).toBe(1);
    if (withFloats.includes(name)) put(first.code, floats, 0x100);
    cpu.run(code + (withFloats.includes(name) ? 0x100 : 0), 100);
    expect(cpu.saveState()).not.toEqual(fresh);
    nextDay();
    expect([first.code.length, first.data.length]).toEqual([0, 0]);
    expect(() => first.cpu.readRegister(pointer)).toThrow('closed');
    const second = open();
    expect(cpu.saveState()).toEqual(fresh);
    expect([...second.code, ...second.data].every((byte) => byte === 0)).toBe(true);
    const { executed, previousPc, lastPcInRange, executedInRange } = cpu.run(code, 0);
    expect({ executed, previousPc, lastPcInRange, executedInRange }).toEqual({ executed: 0, previousPc: 0, lastPcInRange: null, executedInRange: 0 });
  });

  it('run what is there now: the same code, another one, and code where none was', () => {
    let { code: bytes } = start();
    for (const [which, at] of [
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 0x100],
      [1, 0x100],
      [1, 0],
    ] as const) {
      put(bytes, set[which], at);
      expect(call(at)).toBe(which + 1);
      expect(cpu.readMemory(data + 8, 4)[0]).toBe(which + 1);
      nextDay();
      bytes = open().code;
      const trap = at === 0 ? 0x100 : 0;
      put(bytes, isa === 'thumb2' ? [0xde00] : words(0x00100073), trap);
      expect(cpu.run(code + trap, 10)).toMatchObject({ reason: { kind: 'invalid-instruction' }, executed: 0 });
      nextDay();
      bytes = open().code;
    }
  });

  it('have no memory that only others had', () => {
    put(start().code, set[0]);
    cpu.mapRam(0x3000_0000, size, rw);
    call();
    nextDay();
    put(open().code, set[0]);
    cpu.writeRegister(pointer, 0x3000_0000);
    expect(cpu.run(code, 10).reason).toMatchObject({ kind: 'memory-fault', cause: 'unmapped', address: 0x3000_0000 });
    nextDay();
    cpu = pool.create({ isa, cpu: name });
    expect(() => cpu.readMemory(code, 4)).toThrow();
    expect(cpu.run(code, 10).reason).toMatchObject({ kind: 'memory-fault', cause: 'unmapped', address: code });
  });

  it('have the permissions that they ask for', () => {
    put(start().code, set[0]);
    call();
    cpu.protect(data, size, { read: true, write: false, execute: false });
    nextDay();
    put(open().code, set[1]);
    expect(call()).toBe(2);
    nextDay();
    cpu = pool.create({ isa, cpu: name });
    put(cpu.mapRam(code, size, rx), set[0]);
    cpu.mapRam(data, size, { read: true, write: false, execute: false });
    cpu.writeRegister(pointer, data + 8);
    expect(cpu.run(code, 10).reason).toMatchObject({ kind: 'memory-fault', cause: 'protected', address: data + 8 });
    nextDay();
    cpu = pool.create({ isa, cpu: name });
    cpu.mapRam(code, size, rw);
    cpu.mapRam(data, size, rw);
    expect(cpu.run(code, 10).reason).toMatchObject({ kind: 'memory-fault', access: 'fetch', cause: 'protected' });
  });

  it('that had devices, stops, traces or guards leave none of it', () => {
    const extras: ((cpu: CpuBackend) => unknown)[] = [
      (one) => one.mapDevice(0x4000_0000, 0x1000, { read: () => 7, write: () => undefined }),
      (one) => one.stops.breakpoint(code, true),
      (one) => one.traceRuns(10, () => undefined),
      (one) => one.guardMemory({ code: { begin: code, end: code + size }, stack: { begin: data, end: data + size }, aligned: true }),
    ];
    put(start().code, set[0]);
    for (const extra of extras) {
      call();
      extra(cpu);
      cpu.run(code, 10);
      nextDay();
      put(open().code, set[0]);
      expect(call()).toBe(1);
    }
  });
});
