import type { Address, DebugFunction, InterpretedCall, InterpreterLayout } from '@fireball/contracts';
import { Expression, type ComputedFrame, type FrameCode, type FrameConvention, type FrameRow, type RangedExpression } from '@fireball/image';
import type { ShownCode } from './shown-code.js';

/** Numbers that expressions need beside the interpreter's. */
interface ActivationRegisters {
  readonly stackPointer: number;
  readonly link: number;
}

/** Where a stretch of a function's code begins in which activations are found in one way. */
interface Stretch {
  readonly begin: Address;
  /** Pushes where local 0 is. */
  readonly base: () => Expression;
}

/** How gdb finds an interpreted activation's slots, and who called it. */
export class Activations {
  readonly #stretches: readonly Stretch[];

  constructor(
    private readonly code: DebugFunction,
    private readonly layout: InterpreterLayout,
    private readonly shown: ShownCode,
    private readonly registers: ActivationRegisters,
  ) {
    this.#stretches = this.#cut();
  }

  get end(): Address {
    return this.shown.of(this.code.end);
  }

  /** An activation that waits is found by where its next operand goes: below it lie the operands that it has kept. */
  #cut(): Stretch[] {
    const { code, layout, shown } = this;
    const running = (): Expression => new Expression().contents(this.registers.stackPointer);
    const stretches: Stretch[] = [{ begin: shown.headOf(code), base: running }];
    const last = code.end - 1;
    const calls = layout.callsOf(code);
    for (const call of calls) {
      const waiting = this.#waiting(call);
      stretches.push({ begin: shown.of(call.end) - 2, base: call.end === last ? () => this.#replacedOr(waiting()) : waiting });
      stretches.push({ begin: shown.of(call.end), base: running });
    }
    // Its last `end` is where one goes on that has gone on in other code.
    if (calls.at(-1)?.end !== last && last > code.begin)
      stretches.push({ begin: shown.of(last) - 2, base: () => this.#replacedOr(running()) }, { begin: shown.of(last), base: running });
    return stretches;
  }

  #waiting({ kept }: InterpretedCall): () => Expression {
    const { slotBytes, home } = this.layout;
    return () => new Expression().contents(home, -slotBytes * (this.code.localCount + 1 + kept));
  }

  /** Code that has taken over an activation has got its address as an argument: from the slot of the next operand, which lies within it. */
  #replacedOr(otherwise: Expression): Expression {
    const { home, slotBytes } = this.layout;
    const beyond = ~(2 ** Math.ceil(Math.log2(this.layout.frameBytes(this.code) + slotBytes + 1)) - 1);
    const handed = (): Expression => new Expression().contents(home).operation('dereference');
    return new Expression()
      .contents(home)
      .contents(home)
      .operation('dereference')
      .operation('minus')
      .constant(beyond)
      .operation('and')
      .constant(0)
      .operation('equal')
      .choose(handed(), otherwise);
  }

  /** Where local 0 is. */
  bases(): RangedExpression[] {
    return this.#stretches.map(({ begin, base }, index) => ({
      begin,
      end: this.#stretches[index + 1]?.begin ?? this.end,
      expression: base().finish(),
    }));
  }

  frames(convention: FrameConvention): FrameCode {
    const rows = this.#stretches.map(({ begin, base }): FrameRow => ({ address: begin, frameBytes: 0, saved: new Map(), computed: this.#computed(base) }));
    return { convention, end: this.end, rows };
  }

  #computed(base: () => Expression): ComputedFrame {
    const { link, entry } = this.layout;
    const own = new Map(link.saved.map(({ register, offset }) => [register, offset]));
    const frame = this.#byCaller(
      base(),
      new Expression().operation('drop').plusConstant(link.bytes),
      new Expression().operation('swap').operation('drop').plusConstant(entry.bytes),
    );
    const values = entry.saved.map(({ register, offset }): [number, Uint8Array] => {
      const saved = own.get(register);
      const within =
        register === this.registers.link
          ? new Expression().operation('swap').operation('drop').shift('shl', 2).plusConstant(this.shown.offset)
          : saved === undefined
            ? new Expression().contents(register)
            : new Expression().operation('drop').plusConstant(saved).operation('dereference');
      return [
        register,
        this.#byCaller(base(), within, new Expression().operation('swap').operation('drop').plusConstant(offset).operation('dereference')).finish(),
      ];
    });
    return { frame: frame.finish(), values: new Map(values) };
  }

  /** With the link's address and its first word, which is on top: `within`, where another interpreted activation has called, else `other`. */
  #byCaller(base: Expression, within: Expression, other: Expression): Expression {
    const { begin, end } = this.layout;
    return base
      .plusConstant(this.layout.frameBytes(this.code))
      .operation('duplicate')
      .operation('dereference')
      .operation('duplicate')
      .constant(begin)
      .operation('greaterOrEqual')
      .operation('over')
      .constant(end)
      .operation('lessOrEqual')
      .operation('and')
      .choose(within, other);
  }
}
