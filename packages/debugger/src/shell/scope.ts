import { printable, UsageError } from '@fireball/contracts';
import type { Frame } from '../session/frames.js';
import type { Session, WatchedValue } from '../session/session.js';
import { Values, type Variable } from '../session/values.js';
import { countOf } from './count.js';
import { evaluate, type Names } from './expression.js';
import { formatNumber } from './format.js';

/** Largest range that is watched. */
const mostBytes = 1 << 20;

/** What expressions mean: the names of the session, and of the frame that is selected. */
export class Scope {
  /** Of the backtrace, innermost first: whose locals and operands are meant. */
  frame = 0;
  readonly values: Values;

  constructor(private readonly session: Session) {
    this.values = new Values(session.target, session.view);
  }

  /** The value of an expression in a frame, 0 being the innermost one. @throws UsageError for one that has none */
  evaluate(text: string, frame = this.frame): bigint {
    return evaluate(
      text,
      this.#names(() => this.session.inspect()[frame]),
    );
  }

  /** The same as an address of the machine. */
  address(text: string): number {
    return Number(BigInt.asUintN(32, this.evaluate(text)));
  }

  /** The value as text; undefined where it has none at present. */
  valueIfAny(text: string, frame: number): string | undefined {
    try {
      return formatNumber(this.evaluate(text, frame));
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  /**
   * Whether an expression holds at one of the boundaries where the session stands.
   * @throws UsageError for what is no expression; the condition throws it where the expression has no value
   */
  condition(text: string): (order: number) => boolean {
    evaluate(text, { value: () => 0n, word: () => 0n });
    return (order) => {
      const { session } = this;
      const before = session.order;
      session.order = order;
      try {
        // In the middle of a search through the past nothing may go back to look.
        return (
          evaluate(
            text,
            this.#names(() => session.frames()[0]),
          ) !== 0n
        );
      } finally {
        session.order = before;
      }
    };
  }

  /** A local of the selected activation, as long as that goes on. @throws UsageError where there is none */
  watchedLocal(local: string): WatchedValue {
    const { session } = this;
    const frame = session.frames()[this.frame];
    const { code } = frame ?? {};
    if (frame === undefined || code === undefined) throw new UsageError('this is no generated code');
    if (Number(local.slice(1)) >= code.localCount) throw new UsageError(`there is no ${local} here`);
    const read = (): string | undefined => {
      const index = session.frames().findIndex((candidate) => candidate.code?.index === code.index && candidate.sp === frame.sp);
      return index < 0 ? undefined : this.valueIfAny(local, index);
    };
    return { what: `${local} of ${printable(code.name)}`, read };
  }

  /** What `watch` is given: `g0`, or an address and bytes. @throws UsageError where there is none */
  range(argument: string): { readonly address: number; readonly size: number; readonly text: string } {
    const [, where = '', size] = /^(.*?)(?:\s+(\d+))?$/s.exec(argument) ?? [];
    const global = /^g(\d+)$/.exec(where);
    if (global !== null) {
      const found = this.session.view.globals[Number(global[1])];
      if (found === undefined) throw new UsageError(`there is no global ${global[1]}`);
      return { address: found.address, size: size === undefined ? (/64$/.test(found.type) ? 8 : 4) : Number(size), text: where };
    }
    const bytes = size === undefined ? 4 : countOf(size, mostBytes);
    if (bytes === 0) throw new UsageError('a range of no bytes');
    return { address: this.address(where), size: bytes, text: where };
  }

  #names(frame: () => Frame | undefined): Names {
    const { target, view } = this.session;
    const variable = (name: string, all: readonly Variable[], index: number): bigint => {
      const found = all[index];
      if (found === undefined) throw new UsageError(`there is no ${name} here`);
      if (found.words === undefined) throw new UsageError(`${name} is gone: nothing holds its value any more`);
      const [low = 0, high] = found.words;
      return high === undefined ? BigInt(low) : BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
    };
    return {
      value: (name) => {
        if (name === '@') return BigInt(view.memories[0] ?? missingMemory());
        const [, kind, index = ''] = /^([logf])(\d+)$/.exec(name) ?? [];
        const here = kind === 'l' || kind === 'o' ? frame() : undefined;
        if (kind === 'l' && here !== undefined) return variable(name, this.values.locals(here), Number(index));
        if (kind === 'o' && here !== undefined) return variable(name, this.values.operands(here), Number(index));
        if (kind === 'g') return variable(name, this.values.globals(), Number(index));
        const symbol = target.registers.some((register) => register.name === name) ? undefined : view.addressOf?.(name);
        return symbol === undefined ? target.readRegister(name) : BigInt(symbol);
      },
      word: (address) => {
        const bytes = target.peek(Number(BigInt.asUintN(32, address)), 4);
        if (bytes === undefined) throw new UsageError(`there is no memory at 0x${BigInt.asUintN(32, address).toString(16)}`);
        return BigInt(new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true));
      },
    };
  }
}

function missingMemory(): never {
  throw new UsageError('the module has no memory');
}
