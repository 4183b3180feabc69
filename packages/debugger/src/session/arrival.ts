import type { Boundary, DebugFunction, DebugTarget } from '@fireball/contracts';
import { boundariesAt, siteAt } from './boundaries.js';
import { jumpsToLink, sizeOfInstruction } from './instructions.js';
import { operationOf } from './templates.js';

/** By the offset of a branch, those of the instructions that it may go on at; of an `if`, where it goes when its condition is false. */
type Targets = ReadonlyMap<number, readonly number[]>;

const known = new WeakMap<DebugFunction, Targets>();

/**
 * Of the boundaries that hold at pc, the first one that the target has come by. What jumps to a label does not execute the instructions in front of
 * the label, though they may have no code, and so the same address: a loop's round begins behind `loop`.
 */
export function firstOrder(target: DebugTarget, code: DebugFunction | undefined): number {
  const { pc, previousPc } = target;
  if (code === undefined || code.interpreted || previousPc === undefined || previousPc < code.begin || previousPc >= code.end) return 0;
  const boundaries = boundariesAt(code, pc);
  if (boundaries.length < 2 || previousPc + sizeOfInstruction(target, previousPc) === pc) return 0;
  const branch = branchBehind(code, siteAt(code, previousPc)?.wasmOffset);
  const targets = branch === undefined ? undefined : targetsOf(code).get(branch);
  return Math.max(0, targets === undefined ? 0 : boundaries.findIndex(isAmong(targets)));
}

/** Whether the instruction where the target stands led to `pc` of a function by the return of a call; `leaves`: it is in other code, or sp moves. */
export function cameByReturn(target: DebugTarget, { begin, loopEntries }: DebugFunction, pc: number, leaves: boolean): boolean {
  if (pc === begin || loopEntries.includes(pc) || target.pc + sizeOfInstruction(target) === pc) return false;
  return leaves || jumpsToLink(target);
}

function isAmong(offsets: readonly number[]): (boundary: Boundary) => boolean {
  return ({ wasmOffset }) => offsets.includes(wasmOffset);
}

const branches = /^(br|br_if|br_table|br_on_null|br_on_non_null|if|else)$/;

/** The branch that an instruction's code makes: its own, or one that it has become one with. */
function branchBehind({ wasm }: DebugFunction, offset: number | undefined): number | undefined {
  const index = wasm.findIndex((instruction) => instruction.offset === offset);
  return index < 0 ? undefined : wasm.slice(index, index + 3).find(({ text }) => branches.test(operationOf(text)))?.offset;
}

function targetsOf(code: DebugFunction): Targets {
  let targets = known.get(code);
  if (targets === undefined) {
    targets = findTargets(code);
    known.set(code, targets);
  }
  return targets;
}

interface Label {
  /** Of a loop: behind its `loop`. Of others that is found out at their `end`. */
  readonly loop: number | undefined;
  /** Branches to its end. */
  readonly waiting: number[];
  /** An `if` whose condition may be false. */
  branch: number | undefined;
}

function findTargets({ wasm }: DebugFunction): Targets {
  const targets = new Map<number, number[]>();
  const add = (from: number, to: number | undefined): void => {
    if (to !== undefined) targets.set(from, [...(targets.get(from) ?? []), to]);
  };
  const labels: Label[] = [];
  for (const [index, { offset, text }] of wasm.entries()) {
    const [operation = '', ...immediates] = text.split(' ');
    const behind = wasm[index + 1]?.offset;
    switch (operation) {
      case 'block':
      case 'loop':
      case 'if':
        labels.push({ loop: operation === 'loop' ? behind : undefined, waiting: [], branch: operation === 'if' ? offset : undefined });
        break;
      case 'else': {
        const label = labels.at(-1);
        if (label?.branch !== undefined) add(label.branch, behind);
        if (label !== undefined) label.branch = undefined;
        label?.waiting.push(offset);
        break;
      }
      case 'end': {
        const label = labels.pop();
        for (const from of [...(label?.waiting ?? []), ...(label?.branch === undefined ? [] : [label.branch])]) add(from, behind);
        break;
      }
      default:
        if (!branches.test(operation)) break;
        for (const depth of immediates.filter((each) => /^\d+$/.test(each))) {
          const label = labels.at(-1 - Number(depth));
          if (label?.loop !== undefined) add(offset, label.loop);
          else label?.waiting.push(offset);
        }
    }
  }
  return targets;
}
