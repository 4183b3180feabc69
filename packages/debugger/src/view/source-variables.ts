import { UsageError } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import { formatInside } from '../variables/format-object.js';
import { hasInside, insideOf, placeOf, typeOf, type InsideObject } from '../variables/inside-object.js';

/** A variable of C or Rust, or a part of one that is shown below it. Plain data (JSON). */
export interface SourceVariable {
  /** Tells it from all others of its activation, and means the same at the next position. */
  readonly path: string;
  /** What it is a part of is a part of so many others. */
  readonly depth: number;
  readonly name: string;
  readonly type: string;
  /** As gdb prints it; in angle brackets, why there is none. */
  readonly value: string;
  /** Where it is: `@0x400` in linear memory, `local 3`; empty where that is nowhere in particular. */
  readonly place: string;
  /** Means it in the shell's expressions; undefined where none does. */
  readonly expression: string | undefined;
  /** Whether it has members, elements or something that it points to, and they are shown. */
  readonly inside: 'none' | 'closed' | 'open';
}

/** Most rows that are shown at once. */
const mostRows = 2000;

/**
 * Variables of C or Rust of an activation, innermost blocks first, each with what is inside of it behind it where `open` has its path.
 * Undefined where nothing says of any.
 * @param frame which of `session.inspect()`
 */
export function sourceVariables(session: Session, frame: number, open: ReadonlySet<string>): readonly SourceVariable[] | undefined {
  const { variables } = session.sources;
  if (variables === undefined) return undefined;
  const rows: SourceVariable[] = [];
  const add = (partsOf: () => readonly InsideObject[], above: string, depth: number): void => {
    const parts = withoutProblem(partsOf);
    if (typeof parts === 'string') {
      rows.push({ path: `${above}?`, depth, name: '', type: '', value: `<${parts}>`, place: '', expression: undefined, inside: 'none' });
      return;
    }
    for (const [index, path] of pathsOf(parts, above).entries()) {
      if (rows.length >= mostRows) return;
      const { name, evaluateName, object } = parts[index]!;
      const inside = !hasInside(object) ? 'none' : open.has(path) ? 'open' : 'closed';
      rows.push({ path, depth, name, type: typeOf(object), value: formatInside(object), place: placeOf(object), expression: evaluateName, inside });
      if (inside === 'open') add(() => insideOf(object, evaluateName), `${path}\n`, depth + 1);
    }
  };
  const activation = session.inspect()[frame];
  if (activation !== undefined) add(() => variables.of(activation), '', 0);
  return rows;
}

/** Of several with one name the last ones keep theirs where more come in front: those of blocks further out. */
function pathsOf(parts: readonly InsideObject[], above: string): readonly string[] {
  const seen = new Map<string, number>();
  return parts
    .toReversed()
    .map(({ name }) => {
      const before = seen.get(name) ?? 0;
      seen.set(name, before + 1);
      return `${above}${name}${before === 0 ? '' : `\t${before}`}`;
    })
    .toReversed();
}

function withoutProblem<T>(task: () => T): T | string {
  try {
    return task();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
