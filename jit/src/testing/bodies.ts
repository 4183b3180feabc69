import fc from 'fast-check';
import { opcodeByName, valueTypeEncodings, type OpName } from '@fireball/wasm';
import type { FunctionSource } from '../plan/body.js';
import type { Instruction } from './read-body.js';

/** Random bodies of structured control flow that read, write and call; operands and results do not matter to analyses. */
export interface RandomBody {
  readonly body: readonly Instruction[];
  readonly source: FunctionSource;
}

type Tree = readonly [op: OpName, a: number, ...children: (readonly Tree[])[]];

const localCount = 4;

function instruction(op: OpName, a = 0, targets: readonly number[] = []): Instruction {
  return { op, offset: 0, a, b: 0, blockType: 'empty', targets };
}

const statements = fc.letrec<{ readonly tree: Tree; readonly list: readonly Tree[] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.constantFrom<OpName>('local.get', 'local.set', 'local.tee'), fc.nat(localCount - 1)),
    fc.tuple(fc.constantFrom<OpName>('call', 'nop'), fc.constant(0)),
    fc.tuple(fc.constantFrom<OpName>('br', 'br_if', 'br_table'), fc.nat(3)),
    fc.tuple(fc.constantFrom<OpName>('return', 'unreachable'), fc.constant(0)),
    fc.tuple(fc.constantFrom<OpName>('block', 'loop', 'if'), fc.constant(0), tie('list')),
    fc.tuple(fc.constant<OpName>('if'), fc.constant(0), tie('list'), tie('list')),
  ),
  list: fc.array(tie('tree'), { maxLength: 6, depthIdentifier: 'body' }),
})).list;

function flatten(trees: readonly Tree[], depth: number): Instruction[] {
  return trees.flatMap(([op, a, first, second]) => {
    const target = Math.min(a, depth);
    if (op === 'br_table') return [instruction(op, 0, [target, Math.max(0, target - 1), depth])];
    if (first === undefined) return [instruction(op, op === 'br' || op === 'br_if' ? target : a)];
    const otherwise = second === undefined ? [] : [instruction('else'), ...flatten(second, depth + 1)];
    return [instruction(op), ...flatten(first, depth + 1), ...otherwise, instruction('end')];
  });
}

/** Bodies of a function with two i32 parameters and two i32 locals. */
export const randomBodies: fc.Arbitrary<RandomBody> = statements.map((trees) => {
  const body = [...flatten(trees, 0), instruction('end')];
  return { body, source: sourceOf(body, localCount) };
});

/** A function of two i32 parameters, and of so many i32 locals with them, whose instructions have names, labels and locals of one byte, and types of blocks. */
export function sourceOf(body: readonly Instruction[], count: number): FunctionSource {
  const type = { params: ['i32', 'i32'], results: [] } as const;
  const bytes = Uint8Array.from(body.flatMap(bytesOf));
  return {
    bytes,
    start: 0,
    end: bytes.length,
    index: 0,
    type,
    locals: Array.from({ length: count }, () => 'i32' as const),
    frameSlots: count,
    types: [type],
    counts: { functions: 0x80, globals: 0x80, tables: 1 },
    functionType: () => type,
    globalType: () => 'i32',
  };
}

function bytesOf({ op, a, targets, blockType }: Instruction): number[] {
  const { code, immediates } = opcodeByName(op);
  if (immediates === 'none') return [code];
  if (immediates === 'br_table') return [code, targets.length - 1, ...targets];
  if (immediates !== 'block') return [code, a];
  return [code, typeof blockType === 'number' ? blockType : blockType === 'empty' ? 0x40 : valueTypeEncodings[blockType]];
}

const controlOps = ['block', 'loop', 'if', 'else', 'end', 'br', 'br_if', 'br_table', 'return', 'return_call', 'return_call_indirect', 'unreachable'] as const;

/** Indices of the instructions that may run after each one: the control-flow graph, from the structure alone. */
export function successors(body: readonly Instruction[]): number[][] {
  const ends = new Map<number, number>();
  const elses = new Map<number, number>();
  const open: number[] = [];
  body.forEach(({ op }, index) => {
    if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
    else if (op === 'else') elses.set(open.at(-1) ?? -1, index);
    else if (op === 'end') ends.set(open.pop() ?? -1, index);
  });
  const scopes: number[] = [];
  return body.map(({ op, a, targets }, index) => {
    const branch = (depth: number): number => {
      const scope = scopes[scopes.length - 1 - depth] ?? -1;
      return body[scope]?.op === 'loop' ? scope : (ends.get(scope) ?? body.length);
    };
    switch (controlOps.find((each) => each === op)) {
      case 'block':
      case 'loop':
        scopes.push(index);
        return [index + 1];
      case 'if':
        scopes.push(index);
        return [index + 1, (elses.get(index) ?? (ends.get(index) ?? 0) - 1) + 1];
      case 'else':
        return [ends.get(scopes.at(-1) ?? -1) ?? body.length];
      case 'end':
        scopes.pop();
        return [index + 1];
      case 'br':
        return [branch(a)];
      case 'br_if':
        return [index + 1, branch(a)];
      case 'br_table':
        return targets.map(branch);
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
      case 'unreachable':
        return [body.length];
      case undefined:
        return [index + 1];
    }
  });
}

/** Locals that may be read before they are written, in front of and behind each instruction: iteration over the graph to its fixed point. */
export function liveByIteration(body: readonly Instruction[]): { before: readonly ReadonlySet<number>[]; behind: readonly ReadonlySet<number>[] } {
  const next = successors(body);
  const before = Array.from({ length: body.length + 1 }, () => new Set<number>());
  const behindOf = (index: number): Set<number> => new Set((next[index] ?? []).flatMap((successor) => [...(before[successor] ?? [])]));
  for (let changed = true; changed;) {
    changed = false;
    for (let index = body.length - 1; index >= 0; index--) {
      const live = behindOf(index);
      const { op, a } = body[index] ?? {};
      if (a !== undefined && (op === 'local.set' || op === 'local.tee')) live.delete(a);
      else if (a !== undefined && op === 'local.get') live.add(a);
      if (live.size > (before[index]?.size ?? 0)) {
        before[index] = live;
        changed = true;
      }
    }
  }
  return { before, behind: body.map((_, index) => behindOf(index)) };
}
