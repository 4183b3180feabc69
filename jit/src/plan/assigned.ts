import { wordsOfLocal, type Instruction, type LocalWords } from './body.js';
import { isFlow } from './flow.js';

/** Above this many local words the analysis would cost more than the zeroing that it saves. */
const wordLimit = 512;

type WordSet = Uint32Array;

interface Scope {
  readonly op: 'block' | 'loop' | 'if' | 'function';
  /** Assigned on every branch to the end so far; undefined while there is none. */
  atEnd: WordSet | undefined;
  /** `if` only: assigned before the then-branch, for the else-branch. */
  before: WordSet | undefined;
}

/**
 * Definite assignment: which non-parameter words may be read before they are written, and so need
 * their zero. One walk; at the end of a block the sets of all paths to it are intersected. A loop
 * header needs no second look: whatever is assigned on entry stays so.
 */
export function wordsThatNeedZero(body: readonly Instruction[], locals: LocalWords): Uint8Array {
  const needs = new Uint8Array(locals.count);
  if (locals.count > wordLimit) return needs.fill(1, locals.parameterWords);
  const size = (locals.count + 31) >> 5;
  let assigned: WordSet = new Uint32Array(size);
  for (let word = 0; word < locals.parameterWords; word++) add(assigned, word);
  const scopes: Scope[] = [{ op: 'function', atEnd: undefined, before: undefined }];
  let dead = 0;
  const branch = (depth: number): void => {
    const scope = scopes[scopes.length - 1 - depth];
    if (scope !== undefined && scope.op !== 'loop') scope.atEnd = meet(scope.atEnd, assigned);
  };
  for (const insn of body) {
    // dead counts the open blocks of unreachable code, its own rest included.
    const isDead = dead === 1;
    if (dead > 0) {
      if (insn.op === 'block' || insn.op === 'loop' || insn.op === 'if') dead++;
      else if (insn.op === 'end') dead--;
      else if (insn.op === 'else' && dead === 1) dead = 0;
      if (dead > 0 || !(isDead && (insn.op === 'end' || insn.op === 'else'))) continue;
    }
    const { op } = insn;
    if (!isFlow(op)) continue;
    switch (op) {
      case 'block':
      case 'loop':
      case 'if':
        scopes.push({ op, atEnd: undefined, before: op === 'if' ? assigned.slice() : undefined });
        break;
      case 'else': {
        const scope = scopes.at(-1) as Scope;
        if (!isDead) branch(0);
        assigned = scope.before ?? assigned;
        scope.before = undefined;
        break;
      }
      case 'end': {
        const scope = scopes.pop() as Scope;
        let result = isDead ? undefined : assigned;
        if (scope.before !== undefined) result = meet(result, scope.before);
        if (scope.atEnd !== undefined) result = meet(result, scope.atEnd);
        assigned = result ?? assigned;
        break;
      }
      case 'br_if':
        branch(insn.a);
        break;
      case 'br_table':
        for (const depth of new Set(insn.targets)) branch(depth);
        dead = 1;
        break;
      case 'br':
        branch(insn.a);
        dead = 1;
        break;
      case 'return':
      case 'return_call':
      case 'return_call_indirect':
      case 'unreachable':
        dead = 1;
        break;
      case 'local.get':
      case 'local.set':
      case 'local.tee': {
        for (const word of wordsOfLocal(locals, insn.a)) {
          if (op !== 'local.get') add(assigned, word);
          else if (!has(assigned, word)) needs[word] = 1;
        }
        break;
      }
      case 'call':
      case 'call_indirect':
        break;
      default:
        op satisfies never;
    }
  }
  return needs;
}

function add(set: WordSet, word: number): void {
  set[word >> 5] = (set[word >> 5] ?? 0) | (1 << (word & 31));
}

function has(set: WordSet, word: number): boolean {
  return (((set[word >> 5] ?? 0) >>> (word & 31)) & 1) === 1;
}

/** Intersection, in place where there is a first set; an absent one is that of a path that does not exist. */
function meet(a: WordSet | undefined, b: WordSet): WordSet {
  if (a === undefined) return b.slice();
  for (let index = 0; index < a.length; index++) a[index] = (a[index] as number) & (b[index] as number);
  return a;
}
