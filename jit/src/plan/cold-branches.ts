import { blockSignature, type FunctionSource, type Instruction } from './body.js';
import { isFlow } from './flow.js';

/** How often control came to a `br_if` or an `if`, and how often its condition was not 0. */
export interface BranchCounts {
  readonly total: number;
  readonly isTrue: number;
}

/** Counts of the branch at an offset in the module; undefined where nobody counted. */
export type BranchProfile = (wasmOffset: number) => BranchCounts | undefined;

/** An open block. */
interface Block {
  readonly op: 'block' | 'loop' | 'if' | 'function';
  /** Index of the `else` or `end` that closes this part, and of the `end`. */
  readonly partEnd: number;
  readonly end: number;
  /** Do branches to the end, and the end itself, carry values? */
  readonly carries: boolean;
  /** Loops from this block outwards, up to the next block of another kind. */
  readonly loops: number;
}

/**
 * Offsets of the `br_if` and `if` instructions behind which code is cold: most of the time control goes around it to the end of a
 * block, or to the `else`. That code is moved behind the function, so that the usual way has no taken branch. It then begins
 * with a taken branch and ends with a jump, two where there was none: so it must be passed over more than twice as often as it is executed.
 *
 * Nothing enters a region in the middle but loops of its own; so regions are disjoint or nested. They hold no branch table where
 * tables reach forwards only.
 */
export function coldBranches(source: FunctionSource, body: readonly Instruction[], profile: BranchProfile, forwardTables: boolean): ReadonlySet<number> {
  const cold = new Set<number>();
  const { ends, elses } = matchBlocks(body);
  let tables = 0;
  const tablesBefore = body.map(({ op }) => (op === 'br_table' ? tables++ : tables));
  const open: Block[] = [{ op: 'function', partEnd: body.length - 1, end: body.length - 1, carries: true, loops: 0 }];

  const consider = (index: number, regionEnd: number, passes: boolean): void => {
    const { offset } = body[index] as Instruction;
    const counts = profile(offset);
    if (counts === undefined) return;
    const passed = passes ? counts.isTrue : counts.total - counts.isTrue;
    if (passed <= 2 * (counts.total - passed)) return;
    if (forwardTables && (tablesBefore[index] as number) < (tablesBefore[regionEnd] as number)) return;
    cold.add(offset);
  };

  body.forEach((insn, index) => {
    const { op } = insn;
    if (!isFlow(op)) return;
    switch (op) {
      case 'block':
      case 'loop':
      case 'if': {
        const { params, results } = blockSignature(source, insn.blockType);
        const end = ends[index] as number;
        const partEnd = elses.get(index) ?? end;
        if (op === 'if' && params.length === 0) consider(index, partEnd, false);
        open.push({ op, partEnd, end, carries: results.length > 0, loops: op === 'loop' ? (open.at(-1)?.loops ?? 0) + 1 : 0 });
        return;
      }
      case 'else': {
        const block = open.pop() as Block;
        open.push({ ...block, partEnd: block.end });
        return;
      }
      case 'end':
        open.pop();
        return;
      case 'br_if': {
        const target = open.at(-1 - insn.a);
        if (target === undefined || target.op === 'loop' || target.carries || target.partEnd !== target.end) return;
        // Ends of blocks in between may be entered from outside; those of loops are not.
        if ((open.at(-1)?.loops ?? 0) >= insn.a) consider(index, target.end, true);
        return;
      }
      case 'unreachable':
      case 'br':
      case 'br_table':
      case 'return':
      case 'call':
      case 'call_indirect':
      case 'return_call':
      case 'return_call_indirect':
      case 'local.get':
      case 'local.set':
      case 'local.tee':
        return;
      default:
        op satisfies never;
    }
  });
  return cold;
}

/** By index of the opening instruction: that of its `end`, and of its `else` if it has one. */
function matchBlocks(body: readonly Instruction[]): { readonly ends: readonly number[]; readonly elses: ReadonlyMap<number, number> } {
  const ends: number[] = [];
  const elses = new Map<number, number>();
  const open: number[] = [];
  body.forEach(({ op }, index) => {
    if (op === 'block' || op === 'loop' || op === 'if') open.push(index);
    else if (op === 'else') elses.set(open.at(-1) ?? -1, index);
    else if (op === 'end') ends[open.pop() ?? -1] = index;
  });
  return { ends, elses };
}
