/** What a template does, said once more and independently of its code. */
import type { Template, TemplateSet } from '@fireball/jit';
import type { Exit, Flags, MachineState } from './state.js';

/** Builds branch tables and preambles out of other templates of the set. */
type Surroundings = (set: TemplateSet) => Uint8Array;

export interface TemplateModel {
  /** Changes the state as the template promises; without an exit the next instruction follows. */
  readonly run: (instance: Execution) => void;
  /** Values of immediate operands that need more than the bounds of their domain. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  /** Sets registers and memory so that addresses are legal; all else holds boundary or random values. */
  readonly prepare?: (instance: Execution, random: () => number) => void;
  /** What floating-point registers hold before; singles unless told otherwise. */
  readonly floats?: 'f32' | 'f64';
  /** Arm: FPSCR before; DN = 1, as the ABI wants it, unless told otherwise. DN = 1 is expected behind the instance. */
  readonly modes?: number;
  /** Data that follows the instance at once. */
  readonly following?: Surroundings;
  /** Code in front of the instance, where the run begins. */
  readonly preamble?: Surroundings;
}

export type ModelTable = Readonly<Record<string, TemplateModel>>;

/** One instance on one state. Registers are named by the operands that hold their numbers. */
export class Execution {
  constructor(
    readonly template: Template,
    readonly values: readonly number[],
    readonly state: MachineState,
    /** Of the instance's first byte. */
    readonly address: number,
  ) {}

  /** The value of an operand: a register's number, an immediate. */
  operand(name: string): number {
    return this.values[this.template.operandIndex(name)] ?? 0;
  }

  /** The text of an enum operand's value. */
  choice(name: string): string {
    const value = this.operand(name);
    const values = this.template.operands[this.template.operandIndex(name)]?.values ?? {};
    return Object.keys(values).find((text) => values[text] === value) ?? '';
  }

  read(name: string): number {
    return this.state.register(this.operand(name));
  }

  write(name: string, value: number): void {
    this.state.setRegister(this.operand(name), value);
  }

  /** A single, as bits. */
  single(name: string): number {
    return this.state.single(this.operand(name));
  }

  setSingle(name: string, bits: number): void {
    this.state.setSingle(this.operand(name), bits);
  }

  /** A double, as bits. */
  double(name: string): bigint {
    return this.state.floats[this.operand(name)] ?? 0n;
  }

  setDouble(name: string, bits: bigint): void {
    this.state.floats[this.operand(name)] = bits;
  }

  get flags(): Flags {
    return this.state.flags;
  }

  set flags(flags: Flags) {
    this.state.flags = flags;
  }

  exit(exit: Exit): void {
    this.state.exit = exit;
  }

  jump(target: number): void {
    this.exit({ kind: 'jump', target: target >>> 0 });
  }

  /** Branches as far as the operand says, from the instruction that holds it. */
  branch(distance: string): void {
    const index = this.template.operandIndex(distance);
    this.jump(this.address + this.template.relativeOrigin(index) + this.operand(distance));
  }
}
