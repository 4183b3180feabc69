/** A DMA controller that guest code drives: it changes sealed code past every protection, and the audit finds it. */
import type { Isa } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { dmaRegisters } from './dma.js';
import { createVsoc, type MixedOptions, type Vsoc, type VsocInstance, type VsocValue } from '../index.js';
import { memoryMap } from './memory-map.js';
import { moduleOfText, targets } from '../testing/module.js';

/** A driver: stores its arguments 2 to 4 to the registers of the controller at argument 1, starts it and traps. */
const driver = {
  thumb2: [0x6001, 0x6042, 0x6083, 0x2101, 0x60c1, 0xde00],
  rv32: [0x2023, 0x00b5, 0x2223, 0x00c5, 0x2423, 0x00d5, 0x0593, 0x0010, 0x2623, 0x00b5, 0x0073, 0x0010],
} as const satisfies Record<Isa, readonly number[]>;
const driverBase = 0x2210_0000;
const { SOURCE, DESTINATION, LENGTH, CONTROL, STATUS } = dmaRegisters;

const text = `(module (memory 1) (data (i32.const 0) "\\ff\\ff\\ff\\ff") (func (export "f") (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))))`;
const i32 = (value: number): VsocValue => ({ type: 'i32', value });

function withNativeCode(
  isa: Isa,
  mixed: Partial<MixedOptions>,
  use: (vsoc: Vsoc, instance: VsocInstance, copy: (source: number, destination: number, length: number) => number) => void,
): void {
  const vsoc = createVsoc({ isa, tier: 'mixed', dma: true, mixed: { callThreshold: 2, costPerByte: 1, ...mixed } });
  const { cpu } = vsoc;
  const code = cpu.mapRam(driverBase, 0x1000, { read: true, write: false, execute: true });
  new Uint16Array(code.buffer, code.byteOffset).set(driver[isa]);
  cpu.invalidateCode(driverBase, 0x1000);
  const [first, ...others] = isa === 'thumb2' ? ['r0', 'r1', 'r2', 'r3'] : ['a0', 'a1', 'a2', 'a3'];
  const copy = (...values: [number, number, number]): number => {
    cpu.writeRegister(first, memoryMap.dma.base);
    values.forEach((value, index) => cpu.writeRegister(others[index] as string, value));
    expect(cpu.run(driverBase, 100).reason.kind).toBe('invalid-instruction');
    return vsoc.dma?.read(STATUS) ?? -1;
  };
  try {
    const instance = vsoc.instantiate(moduleOfText(text));
    for (let call = 0; call < 60; call++) expect(instance.invoke('f', [i32(call)]).results).toEqual([i32(3 * call + 1)]);
    expect(vsoc.mixed?.statistics.compilations).toBe(1);
    use(vsoc, instance, copy);
  } finally {
    vsoc.close();
  }
}

/** Bytes from linear memory over the function's first instructions. */
function tamper(vsoc: Vsoc, copy: (source: number, destination: number, length: number) => number): void {
  const [code] = vsoc.codeMap.functions;
  expect(copy(memoryMap.linearMemory.base, code?.code.address ?? 0, 4)).toBe(0);
}

describe.each(targets)('DMA on %s', (isa) => {
  it('changes sealed code, and the next audit takes the function out of use', () => {
    withNativeCode(isa, {}, (vsoc, instance, copy) => {
      vsoc.mixed?.audit();
      expect(vsoc.mixed?.statistics).toMatchObject({ audits: 1, tampered: 0 });
      tamper(vsoc, copy);
      vsoc.mixed?.audit();
      expect(vsoc.mixed?.statistics).toMatchObject({ audits: 2, tampered: 1 });
      expect(vsoc.mixed?.cache.size).toBe(0);
      for (let call = 0; call < 60; call++) expect(instance.invoke('f', [i32(call)]).results).toEqual([i32(3 * call + 1)]);
      expect(vsoc.mixed?.statistics).toMatchObject({ compilations: 2, recompilations: 1 });
    });
  });

  it('is found by audits in virtual time', () => {
    withNativeCode(isa, { auditPeriod: 50 }, (vsoc, instance, copy) => {
      tamper(vsoc, copy);
      for (let call = 0; call < 60; call++) expect(instance.invoke('f', [i32(call)]).results).toEqual([i32(3 * call + 1)]);
      expect(vsoc.mixed?.statistics.tampered).toBe(1);
    });
  });

  it('without an audit, the changed code runs as soon as its lines are fetched again', () => {
    withNativeCode(isa, {}, (vsoc, instance, copy) => {
      tamper(vsoc, copy);
      expect(instance.invoke('f', [i32(5)]).results).toEqual([i32(16)]);
      vsoc.codeMemory.flush(vsoc.codeMemory.base, vsoc.codeMemory.size);
      let end: unknown;
      try {
        end = instance.invoke('f', [i32(5)]).results;
      } catch (error) {
        end = error;
      }
      expect(end).not.toEqual([i32(16)]);
    });
  });

  it.each([
    ['a source without memory', 0x1000_0000, memoryMap.linearMemory.base, 4],
    ['a destination without memory', memoryMap.linearMemory.base, 0x1000_0000, 4],
    ['more than there is', memoryMap.linearMemory.base, memoryMap.lowData.base, 0x1_0001],
  ])('refuses %s', (_what, source, destination, length) => {
    withNativeCode(isa, {}, (vsoc, _instance, copy) => {
      expect(copy(source, destination, length)).toBe(1);
      expect([SOURCE, DESTINATION, LENGTH, CONTROL].map((offset) => vsoc.dma?.read(offset))).toEqual([source, destination, length, 0]);
    });
  });
});
