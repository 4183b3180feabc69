import type { DeviceBench } from './device-bench.js';

/** Offsets of registers of a timer of STM32 (RM0008, TIMx register map). */
export const timerRegisters = {
  CR1: 0,
  CR2: 4,
  SMCR: 8,
  DIER: 0xc,
  SR: 0x10,
  EGR: 0x14,
  CCMR1: 0x18,
  CCER: 0x20,
  CNT: 0x24,
  PSC: 0x28,
  ARR: 0x2c,
  CCR1: 0x34,
  CCR2: 0x38,
  DCR: 0x48,
  DMAR: 0x4c,
} as const;

/** What is written to registers, by offset, in this order. */
export type Writes = readonly (readonly [offset: number, value: number])[];

export function writeAll(bench: DeviceBench, device: string, writes: Writes): void {
  for (const [offset, value] of writes) bench.write(device, offset, value);
}

/** Cycle and level of each change of a pin from now on. */
export function levelsOf({ machine }: DeviceBench, pin: string): readonly [cycle: number, level: boolean][] {
  const levels: [number, boolean][] = [];
  machine.pin(pin).onChange((level) => levels.push([machine.timeline.now, level]));
  return levels;
}
