import { mProfile } from '@fireball/unicorn.js';
import type { AddressSpace } from '../machine/address-space.js';
import type { CoreState } from './core-state.js';
import type { ArmCore } from './cores.js';
import type { ExceptionTable } from './exceptions.js';
import type { FloatingPointUnit } from './fpu.js';
import type { MemoryProtection } from './mpu.js';
import type { CoreRegisters } from './registers.js';
import { xpsr } from './registers.js';
import type { SystemControlBlock } from './scb.js';

/** What the exception model works on: one core's registers, tables and memory. */
export interface ExceptionModel {
  readonly core: ArmCore;
  readonly registers: CoreRegisters;
  readonly exceptions: ExceptionTable;
  readonly scb: SystemControlBlock;
  readonly fpu: FloatingPointUnit;
  readonly mpu: MemoryProtection;
  readonly space: AddressSpace;
  /** MSPLIM and PSPLIM: below them the stack pointers must not go. */
  readonly stackLimits: readonly [main: number, process: number];
  readonly coreState: CoreState;
  /** The core cannot go on; where it runs at a priority of -1, until an NMI. */
  lockUp(message: string, priority: number): void;
  /** Sets the event register, which WFE waits for. */
  setEvent(): void;
  /** The core would return to Thread mode, and sleeps (SCR.SLEEPONEXIT). */
  sleepOnExit(): void;
}

/** Priority that an exception must have to preempt what runs now (Armv7-M ARM, ExecutionPriority). */
export function executionPriority({ exceptions, registers }: ExceptionModel): number {
  const words = registers.load();
  let priority = Math.min(exceptions.activePriority, exceptions.maskedFrom(words[mProfile.basepri] ?? 0));
  if (((words[mProfile.primask] ?? 0) & 1) !== 0) priority = Math.min(priority, 0);
  if (((words[mProfile.faultmask] ?? 0) & 1) !== 0) priority = Math.min(priority, -1);
  return priority;
}

/** Does the core run in Thread mode? */
export function inThreadMode({ registers }: ExceptionModel): boolean {
  return (registers.xpsr & xpsr.number) === 0;
}
