import { unknownName } from '@fireball/contracts';

/** What functions are found by. */
export interface NamedFunction {
  readonly index: number;
  readonly name: string;
}

/**
 * The functions that a user means by a name: the one of exactly that name, or of that number (`f12`); otherwise all whose names in C++ or Rust end so, or would
 * without parameters, template arguments and the hash that Rust adds: `area`, `Sq::area`, `Sq::area() const`.
 * @throws UsageError where there is none
 */
export function functionsNamed<T extends NamedFunction>(wanted: string, all: readonly T[]): readonly T[] {
  const found = findFunctions(wanted, all);
  if (found.length > 0) return found;
  throw unknownName(
    'function',
    wanted,
    all.map(({ name }) => name),
  );
}

/** The same; empty where there is none. */
export function findFunctions<T extends NamedFunction>(wanted: string, all: readonly T[]): readonly T[] {
  const exact = all.filter(({ name }) => name === wanted);
  if (exact.length > 0) return exact;
  const byNumber = all.filter(({ index }) => wanted === `f${index}`);
  if (byNumber.length > 0 || wanted === '') return byNumber;
  return all.filter(({ name }) => shorterNames(name).some((shorter) => shorter === wanted || shorter.endsWith(`::${wanted}`)));
}

/** `int ns::max<int>(int, int)` is `ns::max<int>(int, int)`, `ns::max<int>` and `ns::max`. A name without any of that is itself. */
function shorterNames(name: string): readonly string[] {
  const [begin, end] = bareName(name);
  const bare = name.slice(begin, end);
  return [name.slice(begin), bare, withoutArguments(bare), bare.replace(/::h[0-9a-f]{16}$/, '')];
}

/** From where to where a demangled name is one without its result and its parameters. */
function bareName(name: string): [begin: number, end: number] {
  let depth = 0;
  let begin = 0;
  for (let at = 0; at < name.length; at++) {
    if (name.startsWith('operator', at) && depth === 0 && !/\w/.test(name[at - 1] ?? '')) {
      // Its symbols are no brackets: `operator()(int)`, `operator<<(..)`, `operator delete(void*)`.
      const [symbols] = /^operator(?:\(\)|[^(]*)/.exec(name.slice(at))!;
      return [begin, at + symbols.length];
    }
    const character = name[at]!;
    const isScope = name.startsWith('(anonymous namespace)', at);
    if (isScope) at += '(anonymous namespace)'.length - 1;
    else if (character === '(' && depth === 0) return [begin, at];
    else if ('<(['.includes(character)) depth++;
    else if ('>)]'.includes(character) && depth > 0) depth--;
    else if (character === ' ' && depth === 0) begin = at + 1;
  }
  // A blank that no parameters follow belongs to the name.
  return [0, name.length];
}

function withoutArguments(name: string): string {
  let shorter = '';
  let depth = 0;
  for (const character of name.replace(/operator.*$/, '')) {
    if (character === '<') depth++;
    if (depth === 0) shorter += character;
    if (character === '>') depth--;
  }
  return shorter + (/operator.*$/.exec(name)?.[0] ?? '');
}
