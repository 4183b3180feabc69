import { InternalError, UsageError, type CpuBackend } from '@fireball/contracts';
import type { Features } from '@fireball/jit';
import type { DataMemory } from '../chip/data-memory.js';

/** Interrupts that come while the guest runs, as far as running code can tell. */
export interface InterruptOptions {
  /** Guest instructions from one to the next. */
  readonly period: number;
  /** Stack that the handler takes for itself, in bytes. */
  readonly handlerBytes?: number;
}

/** Of a handler unless told otherwise. */
const defaultHandlerBytes = 128;
const doubleword = 8;
const garbage = 0xa5a5_a5a5 | 0;

/**
 * Interrupts on the stack that is in use: everything below sp is overwritten between two instructions, as an exception entry and its
 * handler do; registers are as before. Nothing masks them. They are taken at instruction boundaries, an IT block being one
 * instruction here (on silicon it can be interrupted, ITSTATE is saved).
 */
export class Interrupts {
  taken = 0;
  /** Lowest address that an interrupt has written. */
  lowest = Infinity;
  /** Most instructions that one came late: the rest of an IT block. */
  latest = 0;
  /** What an interrupt takes of the stack, in bytes, alignment not included. */
  readonly stackBytes: number;
  private left: number;

  constructor(
    private readonly cpu: CpuBackend,
    private readonly dataMemory: DataMemory,
    features: Features,
    private readonly stackEnd: number,
    private readonly options: InterruptOptions,
  ) {
    const { period, handlerBytes = defaultHandlerBytes } = options;
    if (!Number.isInteger(period) || period < 1) throw new UsageError(`interrupts every ${period} instructions: a whole number above 0 is wanted`);
    this.stackBytes = frameBytes(cpu, features) + handlerBytes;
    this.left = period;
  }

  /** Instructions until the next. */
  get untilNext(): number {
    return Math.max(1, this.left);
  }

  /** The guest has executed `instructions` more; an interrupt that is due is taken. */
  advance(instructions: number): void {
    this.left -= instructions;
    if (this.left > 0) return;
    this.latest = Math.max(this.latest, -this.left);
    this.left = this.options.period;
    this.take();
  }

  private take(): void {
    const sp = this.cpu.readRegister('sp') >>> 0;
    const begin = (sp - this.stackBytes) & -doubleword;
    if (begin < this.stackEnd)
      throw new InternalError(
        `an interrupt at sp 0x${sp.toString(16)} needs ${this.stackBytes} bytes of stack: the reserve ends at 0x${this.stackEnd.toString(16)}`,
      );
    this.dataMemory.stackWords(begin).fill(garbage, 0, (sp - begin) >> 2);
    this.lowest = Math.min(this.lowest, begin);
    this.taken++;
  }
}

/**
 * Bytes that exception entry, or a handler in its stead, saves. Arm: the basic frame, with a floating-point unit the extended one (Armv7-M
 * Architecture Reference Manual, B1.5.7). RISC-V: the caller-saved registers, by software.
 */
function frameBytes({ isa }: CpuBackend, features: Features): number {
  if (isa === 'thumb2') return features.has('fpv4') ? 104 : 32;
  const [integers, floats] = [16, 20];
  return 4 * integers + floats * (features.has('d') ? 8 : features.has('f') ? 4 : 0);
}
