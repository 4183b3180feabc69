import type { Instruction } from '../plan/body.js';
import { isFlow } from '../plan/flow.js';

/** Bit set over local indices. Never changed once it has been handed out. */
type LocalSet = Uint32Array;

interface Scope {
  readonly opener: number;
  /** Live where branches to the scope arrive. */
  readonly target: LocalSet;
  /** Live at the start of the else-branch, where there is one. */
  otherwise?: LocalSet;
}

/**
 * The locals that may be read before they are written again, in front of each instruction of a body: exact, in walks
 * backwards until what is live at the loops' headers stays as it is. What unreachable instructions have is unspecified.
 */
export function liveLocals(body: readonly Instruction[], localCount: number): readonly LocalSet[] {
  const nothing: LocalSet = new Uint32Array((localCount + 31) >> 5);
  const openers = openersOf(body);
  const headers = new Map<number, LocalSet>();
  for (;;) {
    const { before, changed } = walk(body, openers, headers, nothing);
    if (!changed) return before;
  }
}

export function isIn(set: LocalSet, local: number): boolean {
  return ((set[local >> 5] ?? 0) & (1 << (local & 31))) !== 0;
}

function walk(body: readonly Instruction[], openers: Int32Array, headers: Map<number, LocalSet>, nothing: LocalSet): { before: LocalSet[]; changed: boolean } {
  const before = new Array<LocalSet>(body.length);
  const scopes: Scope[] = [];
  const target = (depth: number): LocalSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
  let live = nothing;
  let changed = false;
  for (let index = body.length - 1; index >= 0; index--) {
    const insn = body[index] as Instruction;
    const op = isFlow(insn.op) ? insn.op : undefined;
    switch (op) {
      case 'end': {
        const opener = openers[index] as number;
        const isLoop = body[opener]?.op === 'loop';
        scopes.push({ opener, target: isLoop ? (headers.get(opener) ?? nothing) : live });
        break;
      }
      case 'else': {
        // Backwards, the then-branch begins where the block ends.
        const scope = scopes.at(-1);
        if (scope === undefined) break;
        scope.otherwise = live;
        live = scope.target;
        break;
      }
      case 'loop':
        scopes.pop();
        if (!isSubset(live, headers.get(index) ?? nothing)) {
          headers.set(index, live);
          changed = true;
        }
        break;
      case 'block':
        scopes.pop();
        break;
      case 'if': {
        const scope = scopes.pop();
        if (scope !== undefined) live = union(live, scope.otherwise ?? scope.target);
        break;
      }
      case 'br':
        live = target(insn.a);
        break;
      case 'br_if':
        live = union(live, target(insn.a));
        break;
      case 'br_table':
        live = [...new Set(insn.targets)].reduce((all, depth) => union(all, target(depth)), nothing);
        break;
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
      case 'unreachable':
        live = nothing;
        break;
      case 'local.get':
        live = withLocal(live, insn.a, true);
        break;
      case 'local.set':
      case 'local.tee':
        live = withLocal(live, insn.a, false);
        break;
      case 'call':
      case 'call_indirect':
      case undefined:
        break;
      default:
        op satisfies never;
    }
    before[index] = live;
  }
  return { before, changed };
}

/** Index of the block, loop or if that each `end` closes; -1 for the function's own. */
function openersOf(body: readonly Instruction[]): Int32Array {
  const openers = new Int32Array(body.length).fill(-1);
  const open: number[] = [];
  body.forEach(({ op }, index) => {
    if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
    else if (op === 'end') openers[index] = open.pop() ?? -1;
  });
  return openers;
}

function withLocal(set: LocalSet, local: number, isLive: boolean): LocalSet {
  if (isIn(set, local) === isLive) return set;
  const result = set.slice();
  result[local >> 5] = (result[local >> 5] as number) ^ (1 << (local & 31));
  return result;
}

function isSubset(a: LocalSet, b: LocalSet): boolean {
  return a.every((bits, index) => (bits & ~(b[index] as number)) === 0);
}

function union(a: LocalSet, b: LocalSet): LocalSet {
  if (isSubset(b, a)) return a;
  return a.map((bits, index) => bits | (b[index] as number));
}
