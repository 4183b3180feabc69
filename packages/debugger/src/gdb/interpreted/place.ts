import type { Address, CodeView, DebugTarget } from '@fireball/contracts';
import type { ShownCode } from './shown-code.js';

/** Where gdb is told that the target stands: at an interpreted instruction where it is about to be executed, else at the machine instruction. */
export class Place {
  /** What somebody has asked for, of several addresses that mean a moment. */
  #chosen: { readonly moment: string; readonly pc: Address } | undefined;

  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
    readonly shown: ShownCode | undefined,
  ) {}

  get pc(): Address {
    return this.#chosen?.moment === this.#moment ? this.#chosen.pc : (this.#shownPc ?? this.target.pc);
  }

  get #shownPc(): Address | undefined {
    const { position } = this.view;
    return this.shown === undefined || position === this.target.pc ? undefined : this.shown.of(position);
  }

  get #moment(): string {
    return `${this.target.instructions} ${this.target.pc}`;
  }

  /** Is any address `wanted` that means where it stands? Then it is what is told, as long as it stands there. */
  choose(wanted: (address: Address) => boolean): boolean {
    const { position } = this.view;
    const pc = [this.pc, this.target.pc, this.shown?.beginningAt(position)].find((address) => address !== undefined && wanted(address));
    if (pc === undefined) return false;
    if (pc !== this.pc) this.#chosen = { moment: this.#moment, pc };
    return true;
  }

  /** It stands in front of an interpreted instruction, and not at a machine instruction that somebody has asked for. */
  get isInterpreted(): boolean {
    return this.shown?.includes(this.pc) === true;
  }

  /** It is on its way from one interpreted instruction to the next, or to generated code. */
  get isUnderWay(): boolean {
    return !this.isInterpreted && this.view.at(this.target.pc) === undefined;
  }

  /** Operands of the innermost activation in registers. */
  get cachedOperands(): number {
    return this.view.interpreter?.cachedOperands ?? 0;
  }
}
