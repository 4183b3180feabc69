import { InternalError, UnsupportedError, type CpuBackend, type RunResult } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { blockBytes, CodeMemory, type CodeMemoryFaults } from './code-memory.js';
import { targets } from '../testing/module.js';

const base = 0x1_0000;
const size = 0x2000;
const data = 0x2000_0000;

/** Return value 42 or 43, then a trap that is not the one of free blocks. */
const programs = {
  thumb2: { answer: (value: number) => [value, 0x20, 0x01, 0xde], result: 'r0' },
  rv32: { answer: (value: number) => [0x13, 0x05, value << 4, value >> 4, 0x73, 0x00, 0x10, 0x00], result: 'a0' },
} as const;

/** A store of r0 / a0 to the address in r1 / a1, then a trap. */
const stores = { thumb2: [0x08, 0x60, 0x01, 0xde], rv32: [0x23, 0xa0, 0xa5, 0x00, 0x73, 0x00, 0x10, 0x00] } as const;
const address = { thumb2: 'r1', rv32: 'a1' } as const;

describe.each(targets)('code memory on %s', (isa) => {
  let cpu: CpuBackend;
  let memory: CodeMemory;
  const { answer, result } = programs[isa];
  const create = (faults?: CodeMemoryFaults): CodeMemory => new CodeMemory(cpu, base, size, faults);
  const install = (bytes: readonly number[]): ReturnType<ReturnType<CodeMemory['reserve']>['seal']> =>
    memory.reserve(bytes.length).seal(Uint8Array.from(bytes));
  const run = (pc: number): RunResult => cpu.run(pc, 100);

  beforeEach(() => {
    cpu = createCpu({ isa, cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc' });
    memory = create();
  });
  afterEach(() => {
    cpu.close();
  });

  it('runs sealed code', () => {
    const region = install(answer(42));
    expect(run(region.address).reason).toEqual({ kind: 'invalid-instruction' });
    expect(cpu.readRegister(result)).toBe(42);
  });

  it('traps at once everywhere else: in free blocks, behind code in its last block, and in blocks reserved but not sealed', () => {
    const region = install(answer(42));
    const reserved = memory.reserve(blockBytes);
    for (const pc of [region.address + region.size, region.address + blockBytes - 2, reserved.address, base + size - 2]) {
      expect(run(pc)).toMatchObject({ reason: { kind: 'invalid-instruction' }, pc, executed: 0 });
    }
  });

  it('lets no guest store change sealed code', () => {
    const region = install(stores[isa]);
    const before = memory.fetched(region.address, region.size);
    cpu.writeRegister(address[isa], region.address);
    expect(run(region.address).reason).toEqual({ kind: 'memory-fault', access: 'write', cause: 'protected', address: region.address, size: 4 });
    expect(memory.fetched(region.address, region.size)).toEqual(before);
  });

  it('does not execute data', () => {
    cpu.mapRam(data, 0x1000, { read: true, write: true, execute: false }).set(answer(42));
    expect(run(data).reason).toMatchObject({ kind: 'memory-fault', access: 'fetch', cause: 'protected', address: data });
  });

  it('gives whole blocks, the first that fit, and takes them back', () => {
    const first = memory.reserve(blockBytes + 1);
    const second = memory.reserve(1);
    expect([first.address, second.address]).toEqual([base, base + 2 * blockBytes]);
    first.abandon();
    expect(memory.reserve(2 * blockBytes).address).toBe(base);
    expect(memory.reserve(blockBytes).address).toBe(base + 3 * blockBytes);
  });

  it('traps where freed code was, until other code lies there', () => {
    const region = install(answer(42));
    run(region.address);
    region.free();
    expect(run(region.address)).toMatchObject({ reason: { kind: 'invalid-instruction' }, pc: region.address, executed: 0 });
    const next = install(answer(43));
    expect(next.address).toBe(region.address);
    run(next.address);
    expect(cpu.readRegister(result)).toBe(43);
  });

  it('runs the old code where the flush was forgotten', () => {
    cpu.close();
    cpu = createCpu({ isa, cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc' });
    memory = create({ dropFlush: true });
    const region = install(answer(42));
    expect(run(region.address)).toMatchObject({ pc: region.address, executed: 0 });
    memory.flush(region.address, region.size);
    run(region.address);
    expect(cpu.readRegister(result)).toBe(42);
  });

  it('flushes whole lines and no others', () => {
    cpu.close();
    cpu = createCpu({ isa, cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc' });
    memory = create({ dropFlush: true });
    const code = Uint8Array.from({ length: 96 }, (_, index) => index + 1);
    const region = memory.reserve(96).seal(code);
    memory.flush(region.address + 40, 1);
    const [before, line, behind] = [0, 32, 64].map((offset) => memory.fetched(region.address + offset, 32));
    expect(line).toEqual(code.slice(32, 64));
    for (const other of [before, behind]) expect(other).not.toEqual(code.slice(0, 32));
    expect(before).toEqual(behind);
  });

  it.each([
    [
      'sealing twice',
      (): void => {
        const region = memory.reserve(2);
        region.seal(Uint8Array.of(0, 0));
        region.seal(Uint8Array.of(0, 0));
      },
    ],
    [
      'sealing after abandoning',
      (): void => {
        const region = memory.reserve(2);
        region.abandon();
        region.seal(Uint8Array.of(0, 0));
      },
    ],
    [
      'freeing twice',
      (): void => {
        const region = install([0, 0]);
        region.free();
        region.free();
      },
    ],
    [
      'abandoning sealed code',
      (): void => {
        const region = memory.reserve(2);
        region.seal(Uint8Array.of(0, 0));
        region.abandon();
      },
    ],
    [
      'more code than was reserved',
      (): void => {
        memory.reserve(2).seal(Uint8Array.of(0, 0, 0, 0));
      },
    ],
  ])('%s is a broken invariant', (_what, act) => {
    expect(act).toThrow(InternalError);
  });

  it('says so when it is full', () => {
    memory.reserve(size - blockBytes);
    expect(() => memory.reserve(blockBytes + 1)).toThrow(UnsupportedError);
    expect(() => memory.reserve(blockBytes + 1)).toThrow(`code memory of ${size} bytes is full: ${blockBytes + 1} more bytes do not fit`);
    memory.reserve(blockBytes);
  });
});
