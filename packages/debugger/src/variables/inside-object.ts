import { hex, printable, UsageError } from '@fireball/contracts';
import { reading } from './dwarf.js';
import type { SourceObject } from './object.js';
import { nameOfType, plain, sizeOf } from './types.js';

/** Most elements of an array that are shown one by one. */
const mostElements = 1000;

/** A variable, or a part of one, by its name, and an expression that means it. */
export interface InsideObject {
  readonly name: string;
  readonly evaluateName: string | undefined;
  readonly object: SourceObject;
}

export function typeOf({ type }: SourceObject): string {
  return withoutProblems(() => printable(reading(() => nameOfType(type)))) ?? '?';
}

/** Where it is: in linear memory, or what of WebAssembly holds it; empty where that is nowhere in particular. */
export function placeOf({ held }: SourceObject): string {
  if (held.kind === 'memory') return `@${hex(held.address, 1)}`;
  return held.kind === 'bytes' && held.wasm !== undefined ? `${held.wasm.kind} ${held.wasm.index}` : '';
}

/** Its type, and where it lies that is in memory. */
export function describeType(object: SourceObject): string {
  return object.held.kind === 'memory' ? `${typeOf(object)} at ${placeOf(object)}` : typeOf(object);
}

/** Can it be opened? */
export function hasInside({ type, held }: SourceObject): boolean {
  if (held.kind === 'gone') return false;
  return (
    withoutProblems(() =>
      reading(() => {
        const found = plain(type);
        if (found.kind === 'structure') return true;
        if (found.kind === 'array') return (found.counts[0] ?? 0) > 0;
        return found.kind === 'pointer' && (sizeOf(found.target()) ?? 0) > 0;
      }),
    ) ?? false
  );
}

/** Members, elements, or what a pointer points to: of a structure, its members. @throws UsageError where they cannot be read */
export function insideOf(object: SourceObject, expression: string | undefined): readonly InsideObject[] {
  const type = reading(() => plain(object.type));
  const around = (suffix: string, prefix = ''): string | undefined => (expression === undefined ? undefined : `${prefix}${bracketed(expression)}${suffix}`);
  if (type.kind === 'array') {
    const count = Math.min(type.counts[0] ?? 0, mostElements);
    return Array.from({ length: count }, (_, index) => ({ name: `[${index}]`, evaluateName: around(`[${index}]`), object: object.element(BigInt(index)) }));
  }
  if (type.kind === 'pointer') {
    const target = object.pointee();
    const members = target.members();
    if (members.length === 0) return [{ name: '*', evaluateName: around('', '*'), object: target }];
    return membersOf(members, (name) => around(`->${name}`));
  }
  return membersOf(object.members(), (name) => around(`.${name}`));
}

function membersOf(members: ReturnType<SourceObject['members']>, expressionOf: (name: string) => string | undefined): readonly InsideObject[] {
  return members.map(({ name, isBase, object }) => ({
    name: isBase ? `<${printable(reading(() => nameOfType(object.type)))}>` : printable(name ?? '<unnamed>'),
    evaluateName: name === undefined || isBase ? undefined : expressionOf(name),
    object,
  }));
}

/** `*p`, but `(*p).x`. */
function bracketed(expression: string): string {
  return expression.startsWith('*') ? `(${expression})` : expression;
}

function withoutProblems<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
