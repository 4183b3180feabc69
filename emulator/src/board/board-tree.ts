import { InvalidInputError } from '@fireball/contracts';

/** Where something stands in a board file. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** The contents of a board file with the place of everything, so that boards can be laid over each other and still be blamed rightly. */
export type BoardTree =
  | { readonly kind: 'map'; readonly origin: Origin; readonly entries: ReadonlyMap<string, BoardTree> }
  | { readonly kind: 'list'; readonly origin: Origin; readonly items: readonly BoardTree[] }
  | { readonly kind: 'scalar'; readonly origin: Origin; readonly value: string | number | boolean | null };

export type BoardMap = Extract<BoardTree, { kind: 'map' }>;

export function wrong(origin: Origin, problem: string, hint?: string): InvalidInputError {
  return new InvalidInputError(problem, { ...origin, hint });
}

/** `over` laid over `base`: mappings by key, everything else replaces what was there; `name:` with nothing behind it takes it away. */
export function overlay(base: BoardMap, over: BoardMap): BoardMap {
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const below = entries.get(key);
    if (value.kind === 'scalar' && value.value === null && below !== undefined) entries.delete(key);
    else entries.set(key, value.kind === 'map' && below?.kind === 'map' ? overlay(below, value) : value);
  }
  return { kind: 'map', origin: over.origin, entries };
}
