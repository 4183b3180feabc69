import { printable, UsageError } from '@fireball/contracts';
import type { Frame } from '../session/frames.js';
import type { Session, WatchedValue } from '../session/session.js';
import { Values, type Variable } from '../session/values.js';
import { countOf } from './count.js';
import type { SourceObject } from '../variables/object.js';
import { formatObject } from '../variables/format-object.js';
import { sizeOf } from '../variables/types.js';
import { reading } from '../variables/dwarf.js';
import { checkSyntax, evaluate, evaluateValue, scalarOf, wholeOf, type ExpressionValue, type Names } from './expression.js';
import { formatNumber } from './format.js';
import { formatAs, type NumberFormat } from './number-format.js';

/** Largest range that is watched. */
const mostBytes = 1 << 20;

/** A name that means nothing in an expression. */
export class UnknownSymbol extends UsageError {}

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

  /** The same with its type, where it is a variable of the source. @throws UsageError */
  operand(text: string, frame = this.frame): ExpressionValue {
    return evaluateValue(
      text,
      this.#names(() => this.session.inspect()[frame]),
    );
  }

  /** The variable of the source, or the part of one, that an expression is; undefined: something else. @throws UsageError */
  sourceObject(text: string): SourceObject | undefined {
    if (this.session.sources.variables === undefined) return undefined;
    const value = this.operand(text);
    return typeof value === 'object' ? value : undefined;
  }

  /** The value of an expression as people read it, or as a format says. @throws UsageError for one that has none */
  describe(text: string, frame = this.frame, format?: NumberFormat): string {
    const value = this.operand(text, frame);
    if (typeof value === 'object') return formatObject(value, format && ((number, size) => formatAs(number, size, format)));
    if (format !== undefined)
      return formatAs(value, typeof value === 'bigint' && BigInt.asUintN(32, value) !== value && BigInt.asIntN(32, value) !== value ? 8 : 4, format);
    return typeof value === 'bigint' ? formatNumber(BigInt.asIntN(64, value)) : String(value);
  }

  /** The same as an address of the machine; pointers of the source are offsets in linear memory. */
  address(text: string): number {
    const value = this.operand(text);
    const isPlace = typeof value === 'object' && value.isPlace;
    return Number(BigInt.asUintN(32, (isPlace ? BigInt(this.session.view.memories[0] ?? missingMemory()) : 0n) + wholeOf(value)));
  }

  /** The value as text; undefined where it has none at present. */
  valueIfAny(text: string, frame: number): string | undefined {
    try {
      return this.describe(text, frame);
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
    checkSyntax(text);
    return (order) => {
      const { session } = this;
      const before = session.order;
      session.order = order;
      try {
        // In the middle of a search through the past nothing may go back to look.
        const value = evaluateValue(
          text,
          this.#names(() => session.frames()[0]),
        );
        return Number(scalarOf(value)) !== 0;
      } finally {
        session.order = before;
      }
    };
  }

  /** A local of the selected activation, as long as that goes on. `isSetHere`: it was written by who debugs. @throws UsageError where there is none */
  watchedLocal(local: string): WatchedValue & { readonly isSetHere: () => boolean } {
    const { session } = this;
    const frame = session.inspect()[this.frame];
    const { code } = frame ?? {};
    if (frame === undefined || code === undefined) throw new UsageError('this is no generated code');
    if (Number(local.slice(1)) >= code.localCount) throw new UsageError(`there is no ${local} here`);
    const indexNow = (): number => session.inspect().findIndex((candidate) => candidate.code?.index === code.index && candidate.sp === frame.sp);
    const read = (): string | undefined => {
      const index = indexNow();
      return index < 0 ? undefined : this.valueIfAny(local, index);
    };
    const isSetHere = (): boolean => {
      const { instructions, userWrites } = session.target;
      const writes = userWrites.filter((write) => write.instructions === instructions);
      const now = writes.length === 0 ? undefined : session.inspect()[indexNow()];
      return now !== undefined && this.values.isWritten(now, Number(local.slice(1)), writes);
    };
    return { what: `${local} of ${printable(code.name)}`, read, isSetHere };
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
    const object = this.#objectAt(where);
    const bytes = size === undefined ? (object?.size ?? 4) : countOf(size, mostBytes);
    if (bytes === 0) throw new UsageError('a range of no bytes');
    return { address: object?.address ?? this.address(where), size: bytes, text: where };
  }

  /** Where in memory what an expression names is; undefined where it is no variable of the source. @throws UsageError where nothing of it is in memory */
  #objectAt(text: string): { readonly address: number; readonly size: number } | undefined {
    const value = this.operand(text);
    if (typeof value !== 'object') return undefined;
    const [base = missingMemory()] = this.session.view.memories;
    return { address: base + Number(value.address()), size: Math.min(reading(() => sizeOf(value.type)) ?? 4, mostBytes) };
  }

  /** What is no register was not meant as one: any name may stand there. */
  #register(name: string): bigint {
    const { target } = this.session;
    try {
      return target.readRegister(name);
    } catch (error) {
      if (error instanceof UsageError && !target.registers.some((register) => register.name === name))
        throw new UnknownSymbol(`there is no variable and no register '${printable(name)}' here`, { cause: error });
      throw error;
    }
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
    const { variables } = this.session.sources;
    return {
      ...(variables === undefined ? {} : { object: (name: string): SourceObject | undefined => variables.named(name, frame()) }),
      value: (name) => {
        if (name === '@') return BigInt(view.memories[0] ?? missingMemory());
        const [, kind, index = ''] = /^([logf])(\d+)$/.exec(name) ?? [];
        const here = kind === 'l' || kind === 'o' ? frame() : undefined;
        if (kind === 'l' && here !== undefined) return variable(name, this.values.locals(here), Number(index));
        if (kind === 'o' && here !== undefined) return variable(name, this.values.operands(here), Number(index));
        if (kind === 'g') return variable(name, this.values.globals(), Number(index));
        const symbol = target.registers.some((register) => register.name === name) ? undefined : view.addressOf?.(name);
        return symbol === undefined ? this.#register(name) : BigInt(symbol);
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
