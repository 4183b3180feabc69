/** Bounds checks of runs (check-runs.ts): one comparison in front, a branch or a few at each stage, the exact checks out of line. */
import { deferOutOfLine, memoryOf, type Context } from './context.js';
import { checkAscending, checkSum } from './bounds-checks.js';
import type { RunPart, RunPointer } from './check-runs.js';
import type { Reg } from '../target/registers.js';
import type { Held } from './temporaries.js';

/** In front of the access that begins a group of the run: behind this, all accesses of the stage are proved to be in bounds. */
export function checkStage(context: Context, { run, stage, begins }: RunPart): void {
  if (!begins) return;
  const { state, masm } = context;
  const { jointChecks } = masm;
  const isFirst = stage === run.stages[0];
  const isLast = stage === run.stages.at(-1);
  const pointers = jointChecks === undefined ? run.pointers.filter((pointer) => stage.members.some((member) => member.pointer === pointer)) : run.pointers;
  const anchors = pointers.map((pointer) => anchorOf(context, pointer));
  const registers = anchors.map(({ reg }) => reg);
  const slow = masm.assembly.newLabel();
  if (jointChecks === undefined) {
    const limit = state.holdConst(run.limit);
    if (isFirst) keep(context, limit);
    for (const reg of registers) masm.boundsCheck(reg, { reg: limit.reg }, slow);
    state.release(limit);
  } else {
    if (isFirst) jointChecks.compare(registers, run.limit);
    jointChecks.branch(slow);
    if (isFirst) jointChecks.hold();
    if (isLast) jointChecks.release();
  }
  const fine = masm.assembly.newLabel();
  masm.assembly.bind(fine);
  deferOutOfLine(context, () => {
    masm.bind(slow);
    let inScratch: number | undefined;
    for (const { group, pointer, wasmOffset } of stage.members) {
      masm.wasmOffset = wasmOffset;
      const reg = registers[pointers.indexOf(pointer)] as Reg;
      if (pointer.ascends) inScratch = checkAscending(context, reg, pointer.low, group, inScratch);
      else {
        checkSum(context, reg, pointer.low, group);
        inScratch = undefined;
      }
    }
    if (!isLast) jointChecks?.compare(registers, run.limit);
    masm.jump(fine);
  });
  for (const anchor of anchors) state.release(anchor);
}

/** Local + low of a run's pointer in a register. */
function anchorOf(context: Context, { word, low }: RunPointer): Held {
  const anchor = context.state.hold({ kind: 'sum', source: { word }, c: low, high: false });
  keep(context, anchor);
  return anchor;
}

/** A temporary that is wanted again: others are taken first. */
function keep({ state: { temporaries } }: Context, { reg, owned }: Held): void {
  if (owned && !temporaries.cached().includes(reg)) temporaries.addPointer({ reg: temporaries.take(reg) });
}

/** Native address of a run's pointer, from which its accesses are reached. */
export function pointerOf(context: Context, { word, low }: RunPointer): Held {
  const { state, masm } = context;
  const memory = state.holdConst(memoryOf(context).base);
  const anchor = state.hold({ kind: 'sum', source: { word }, c: low, high: false });
  state.release(memory);
  state.release(anchor);
  const reg = state.allocate();
  masm.alu('add', reg, anchor.reg, { reg: memory.reg });
  state.contents.set(reg, { word, c: (memoryOf(context).base + low) | 0, again: true });
  const pointer = { reg, owned: true };
  keep(context, pointer);
  return pointer;
}
