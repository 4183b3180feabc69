import type { Instruction } from './body.js';
import { isFlow } from './flow.js';
import { exceeds, unite, type WordSet } from './word-sets.js';

interface Scope {
  /** Live where branches to the block, loop or if arrive. */
  readonly target: WordSet;
  /** `if` only: live at the start of the else-branch, where there is one. */
  otherwise?: WordSet;
}

/** What an analysis makes of instructions, which come from the last one to the first. `live` is theirs to change. */
export interface BackwardSteps {
  /** Control is behind the instruction. */
  behind?(index: number, live: WordSet): void;
  read(index: number, local: number, live: WordSet): void;
  write(index: number, local: number, live: WordSet): void;
  call?(live: WordSet): void;
  /** Control is in front of the instruction. */
  before?(index: number, live: WordSet): void;
}

/** Walks over a body against the direction of control, with what is live. They are repeated until what is live at the headers of loops stays as it is. */
export class BackwardWalks {
  /** Live at the headers of loops, by their indices, as far as the walks so far have found out. */
  readonly atLoops = new Map<number, WordSet>();
  private readonly nothing: WordSet;
  private readonly openers: Int32Array;

  /** @param members how many there are that may be live */
  constructor(
    private readonly body: readonly Instruction[],
    members: number,
  ) {
    this.nothing = new Uint32Array((members + 31) >> 5);
    this.openers = matchingOpeners(body);
  }

  /**
   * One walk. Returns whether more was live at the header of a loop than was known.
   * @param live what it has at the end is live where the function begins
   */
  walk(steps: BackwardSteps, live: WordSet): boolean {
    const { body, openers, atLoops, nothing } = this;
    live.fill(0);
    const scopes: Scope[] = [];
    const target = (depth: number): WordSet => scopes[scopes.length - 1 - depth]?.target ?? nothing;
    let changed = false;
    for (let index = body.length - 1; index >= 0; index--) {
      const insn = body[index] as Instruction;
      steps.behind?.(index, live);
      const op = isFlow(insn.op) ? insn.op : undefined;
      switch (op) {
        case 'end': {
          const opener = openers[index] as number;
          const isLoop = body[opener]?.op === 'loop';
          scopes.push({ target: isLoop ? (atLoops.get(opener) ?? nothing) : live.slice() });
          break;
        }
        case 'else': {
          // Backwards, the then-branch begins where the block ends.
          const scope = scopes.at(-1);
          if (scope !== undefined) scope.otherwise = live.slice();
          live.set(target(0));
          break;
        }
        case 'loop': {
          const known = scopes.pop()?.target ?? nothing;
          if (exceeds(live, known)) {
            atLoops.set(index, live.slice());
            changed = true;
          }
          break;
        }
        case 'block':
          scopes.pop();
          break;
        case 'if': {
          const scope = scopes.pop();
          if (scope !== undefined) unite(live, scope.otherwise ?? scope.target);
          break;
        }
        case 'br':
          live.set(target(insn.a));
          break;
        case 'br_if':
          unite(live, target(insn.a));
          break;
        case 'br_table':
          live.fill(0);
          for (const depth of new Set(insn.targets)) unite(live, target(depth));
          break;
        case 'return':
        case 'return_call':
        case 'return_call_indirect':
        case 'unreachable':
          live.fill(0);
          break;
        case 'call':
        case 'call_indirect':
          steps.call?.(live);
          break;
        case 'local.get':
          steps.read(index, insn.a, live);
          break;
        case 'local.set':
        case 'local.tee':
          steps.write(index, insn.a, live);
          break;
        case undefined:
          break;
        default:
          op satisfies never;
      }
      steps.before?.(index, live);
    }
    return changed;
  }
}

/** Index of the block, loop or if that each `end` closes; -1 for the function's own. */
function matchingOpeners(body: readonly Instruction[]): Int32Array {
  const openers = new Int32Array(body.length).fill(-1);
  const open: number[] = [];
  for (let index = 0; index < body.length; index++) {
    const { op } = body[index] as Instruction;
    if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
    else if (op === 'end') openers[index] = open.pop() ?? -1;
  }
  return openers;
}
