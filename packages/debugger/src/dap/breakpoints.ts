import { formatObject } from '../variables/format-object.js';
import { UsageError } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debuggee } from '../hub/debuggee.js';
import type { Breakpoint, CodePlace } from '../session/breakpoints.js';
import type { SourceLocation } from './sources.js';

/** A breakpoint that a client wants. */
export interface Wanted {
  /** For people. */
  readonly where: string;
  readonly places: readonly CodePlace[];
  readonly condition?: string | undefined;
  /** So many times it is passed. */
  readonly ignored?: number | undefined;
  /** Text to print instead of stopping, expressions in braces. */
  readonly log?: string | undefined;
  /** Where it lies in a source. */
  readonly line?: number | undefined;
}

/** Makes a breakpoint of what a client said. @throws UsageError where that cannot be: no place, no condition */
export type Wish = () => Wanted | Promise<Wanted>;

/** A watched range of memory that a client wants. */
export interface WantedWatch {
  readonly address: number;
  readonly size: number;
  readonly kind: 'read' | 'write' | 'access';
}

/** Clients send breakpoints in sets, of a source or of a kind, and each set takes the place of the one before. */
export class BreakpointSets {
  readonly #sets = new Map<string, readonly number[]>();
  /** Lines of breakpoints of others that the client has been told of, by their numbers. */
  readonly #adopted = new Map<number, number>();
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

  /** Sets what the client wants, in the place of what it wanted before; what cannot be set fails alone. */
  async replace(set: string, wishes: readonly Wish[]): Promise<DebugProtocol.Breakpoint[]> {
    const { breakpoints } = this.debuggee.session;
    const before = (this.#sets.get(set) ?? []).filter((id) => breakpoints.has(id));
    const adopted = before.filter((id) => this.#adopted.has(id));
    for (const id of before) if (!adopted.includes(id)) breakpoints.remove(id);
    const ids: number[] = [];
    const answers: DebugProtocol.Breakpoint[] = [];
    for (const wish of wishes) {
      try {
        const wanted = await wish();
        const known = wanted.condition === undefined && wanted.log === undefined ? adopted.find((id) => this.#adopted.get(id) === wanted.line) : undefined;
        const id = known ?? this.#add(wanted);
        ids.push(id);
        answers.push(describe(breakpoints.at(id), wanted.line));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        answers.push({ verified: false, message: error.message });
      }
    }
    for (const id of adopted) if (!ids.includes(id)) breakpoints.remove(id);
    this.#sets.set(set, ids);
    return answers;
  }

  #add(wanted: Wanted): number {
    const breakpoint = this.debuggee.session.breakpoints.add(wanted.where, wanted.places, this.#actions(wanted));
    breakpoint.ignored = wanted.ignored ?? 0;
    return breakpoint.id;
  }

  #actions({ condition, log }: Wanted): Pick<Breakpoint, 'condition' | 'log'> {
    const { scope } = this.debuggee.shell;
    const holds = condition === undefined ? undefined : scope.condition(condition);
    if (log === undefined) return { condition: holds };
    const say = (): void => {
      this.log(log.replaceAll(/\{([^{}]*)\}/g, (_, expression: string) => this.#valueOf(expression)));
    };
    return { condition: holds, log: say };
  }

  #valueOf(expression: string): string {
    try {
      const value = this.debuggee.shell.scope.operand(expression, 0);
      return typeof value === 'object' ? formatObject(value) : value.toString();
    } catch (error) {
      if (error instanceof UsageError) return `{${error.message}}`;
      throw error;
    }
  }

  /**
   * What others have set and taken out since the client heard last. What they have set on lines is from now on of the set of their source.
   * @param locate the source and line of a breakpoint's places; undefined where they have none
   */
  changesByOthers(
    locate: (places: readonly CodePlace[]) => (SourceLocation & { readonly set: string }) | undefined,
  ): { readonly reason: 'new' | 'removed'; readonly breakpoint: DebugProtocol.Breakpoint }[] {
    const { breakpoints } = this.debuggee.session;
    const changes: { reason: 'new' | 'removed'; breakpoint: DebugProtocol.Breakpoint }[] = [];
    for (const [name, ids] of this.#sets) {
      for (const id of ids) {
        if (breakpoints.has(id)) continue;
        changes.push({ reason: 'removed', breakpoint: { id, verified: false } });
        this.#adopted.delete(id);
      }
      this.#sets.set(
        name,
        ids.filter((id) => breakpoints.has(id)),
      );
    }
    for (const breakpoint of breakpoints.all) {
      if (this.setOf(breakpoint.id) !== undefined) continue;
      const location = locate(breakpoint.places);
      if (location === undefined) continue;
      const { set, line, source } = location;
      this.#adopted.set(breakpoint.id, line);
      this.#sets.set(set, [...(this.#sets.get(set) ?? []), breakpoint.id]);
      changes.push({ reason: 'new', breakpoint: { ...describe(breakpoint, line), source } });
    }
    return changes;
  }

  replaceWatches(wanted: readonly WantedWatch[]): DebugProtocol.Breakpoint[] {
    const { stops } = this.debuggee.session.target;
    for (const id of this.#watches) stops.unwatch(id);
    this.#watches = wanted.map(({ address, size, kind }) => stops.watch(address, size, kind));
    return wanted.map(() => ({ verified: true }));
  }

  /** Takes out all that the client has set. */
  clear(): void {
    const { breakpoints } = this.debuggee.session;
    for (const id of [...this.#sets.values()].flat()) if (breakpoints.has(id) && !this.#adopted.has(id)) breakpoints.remove(id);
    this.#sets.clear();
    this.replaceWatches([]);
  }
}

function describe({ id, places }: Breakpoint, line: number | undefined): DebugProtocol.Breakpoint {
  const [first] = places;
  return {
    id,
    verified: true,
    ...(first === undefined ? {} : { instructionReference: `0x${first.address.toString(16)}` }),
    ...(line === undefined ? {} : { line }),
  };
}
