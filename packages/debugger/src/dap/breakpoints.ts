import { UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CodePlace } from '../session/breakpoints.js';
import type { Debuggee } from '../hub/debuggee.js';

/** A breakpoint that a client wants. */
export interface Wanted {
  /** For people. */
  readonly where: string;
  /** @throws UsageError where there is no such place */
  readonly places: () => CodePlace[] | Promise<CodePlace[]>;
  readonly condition?: string | undefined;
  /** So many times it is passed. */
  readonly ignored?: number | undefined;
  /** Text to print instead of stopping, expressions in braces. */
  readonly log?: string | undefined;
  /** Where it lies in a source. */
  readonly line?: (place: CodePlace) => number | undefined;
}

/** A watched range of memory that a client wants. */
interface WantedWatch {
  readonly address: number;
  readonly size: number;
  readonly kind: 'read' | 'write' | 'access';
}

/** Clients send breakpoints in sets, of a source or of a kind, and each set takes the place of the one before. */
export class BreakpointSets {
  readonly #sets = new Map<string, readonly number[]>();
  #watches: readonly number[] = [];

  constructor(
    private readonly debuggee: Debuggee,
    /** Prints what a log point says. */
    private readonly log: (text: string) => void,
  ) {}

  /** Which set a breakpoint of the session is of. */
  setOf(id: number): string | undefined {
    return [...this.#sets].find(([, ids]) => ids.includes(id))?.[0];
  }

  async replace(set: string, wanted: readonly Wanted[]): Promise<DebugProtocol.Breakpoint[]> {
    const { breakpoints } = this.debuggee.session;
    for (const id of this.#sets.get(set) ?? []) breakpoints.remove(id);
    const ids: number[] = [];
    const answers: DebugProtocol.Breakpoint[] = [];
    for (const each of wanted) {
      try {
        const places = await each.places();
        const breakpoint = breakpoints.add(each.where, places, { condition: this.#condition(each) });
        breakpoint.ignored = each.ignored ?? 0;
        ids.push(breakpoint.id);
        const [first] = places;
        const line = first === undefined ? undefined : each.line?.(first);
        answers.push({
          id: breakpoint.id,
          verified: true,
          ...(first === undefined ? {} : { instructionReference: `0x${first.address.toString(16)}` }),
          ...(line === undefined ? {} : { line }),
        });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        answers.push({ verified: false, message: error.message });
      }
    }
    this.#sets.set(set, ids);
    return answers;
  }

  #condition({ condition, log }: Wanted): ((order: number) => boolean) | undefined {
    const { shell } = this.debuggee;
    const holds = condition === undefined ? undefined : shell.scope.condition(condition);
    if (log === undefined) return holds;
    return (order) => {
      if (holds?.(order) ?? true) this.log(log.replaceAll(/\{([^{}]*)\}/g, (_, expression: string) => this.#valueOf(expression)));
      return false;
    };
  }

  #valueOf(expression: string): string {
    try {
      return this.debuggee.shell.scope.evaluate(expression, 0).toString();
    } catch (error) {
      if (error instanceof UsageError) return `{${error.message}}`;
      throw error;
    }
  }

  replaceWatches(wanted: readonly WantedWatch[]): DebugProtocol.Breakpoint[] {
    const { stops } = this.debuggee.session.target;
    for (const id of this.#watches) stops.unwatch(id);
    this.#watches = wanted.map(({ address, size, kind }) => stops.watch(address, size, kind));
    return wanted.map(() => ({ verified: true }));
  }
}
