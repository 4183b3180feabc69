import { createHash } from 'node:crypto';
import { formatValue, ProgramExit, sameValue, Trap, type Value } from '@fireball/wasm';

/** What a function of the host does: its results, of the types that it was declared with. */
export type HostCall = (args: readonly Value[]) => readonly Value[];

/** A call of the host by a module, as plain data: of references only whether they are null. */
export interface HostCallRecord {
  /** `module.name` of the import, or `stdout` for what WASI wrote there. */
  readonly name: string;
  readonly args: readonly Value[];
  /** What it returned; null where it ended the guest's call. */
  readonly results: readonly Value[] | null;
  /** Of written bytes: their number and a digest. */
  readonly written?: string;
}

/** Answers that one call of an exported function gets; the next question ends it. A module that waits for its host ends, too. */
const mostCalls = 10_000;

/** Notes what a module asks its host, and what it is told. */
export class HostCallRecorder {
  private calls: HostCallRecord[] = [];

  /** The calls since this was asked last. */
  take(): readonly HostCallRecord[] {
    const { calls } = this;
    this.calls = [];
    return calls;
  }

  /** `call` with its calls noted; a program's own end becomes a trap. */
  record(name: string, call: HostCall): HostCall {
    return (args) => {
      if (this.calls.length >= mostCalls) throw new Trap('ended by the host');
      const plainArgs = args.map(plain);
      try {
        const results = call(args);
        this.calls.push({ name, args: plainArgs, results: results.map(plain) });
        return results;
      } catch (error) {
        if (!(error instanceof Trap) && !(error instanceof ProgramExit)) throw error;
        this.calls.push({ name, args: plainArgs, results: null });
        throw new Trap('ended by the host');
      }
    };
  }

  /** Notes bytes that a program wrote. */
  write(name: string, bytes: Uint8Array): void {
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    this.calls.push({ name, args: [], results: [], written: `${bytes.length} bytes (SHA-256 ${digest}..)` });
  }
}

function plain(value: Value): Value {
  if (value.type !== 'funcref' && value.type !== 'externref') return value;
  return { type: 'externref', value: value.value === null ? null : 'reference' };
}

/** The first call in which two engines differ, in words; undefined where none does. */
export function compareHostCalls(
  expected: readonly HostCallRecord[],
  actual: readonly HostCallRecord[],
  nanByClass: boolean,
): { readonly expected: string; readonly actual: string } | undefined {
  const count = Math.max(expected.length, actual.length);
  for (let index = 0; index < count; index++) {
    const [a, b] = [expected[index], actual[index]];
    if (a !== undefined && b !== undefined && sameCall(a, b, nanByClass)) continue;
    return { expected: describe(index, a), actual: describe(index, b) };
  }
  return undefined;
}

function sameCall(a: HostCallRecord, b: HostCallRecord, nanByClass: boolean): boolean {
  const same = (x: readonly Value[], y: readonly Value[]): boolean =>
    x.length === y.length && x.every((value, index) => sameValue(value, y[index]!, nanByClass));
  if (a.name !== b.name || a.written !== b.written || !same(a.args, b.args)) return false;
  return a.results === null || b.results === null ? a.results === b.results : same(a.results, b.results);
}

function describe(index: number, call: HostCallRecord | undefined): string {
  if (call === undefined) return `no host call ${index + 1}`;
  const { name, args, results, written } = call;
  if (written !== undefined) return `host call ${index + 1}: ${name} gets ${written}`;
  const answer = results === null ? 'ends the call' : results.length === 0 ? 'returns' : `returns ${results.map(formatValue).join(', ')}`;
  return `host call ${index + 1}: ${name}(${args.map(formatValue).join(', ')}) ${answer}`;
}
