/** Calls, frames and what else leaves the function. */
import { expect } from '@jest/globals';
import * as layout from '../../core/layout/masm.js';
import { trapKinds } from '../../target/trap-kinds.js';
import { drawFrame, drawOffset, type Row } from './run.js';

export const leavingRows = {
  shared: (run) => {
    const { draw, assembly, core } = run;
    const register = run.reg();
    const members = Array.from({ length: draw.between(0, 3) }, () => ({
      wasmOffset: draw.between(0, 1000),
      delta: draw.word() >>> 0,
      size: draw.of([1, 2, 4]),
    }));
    const check = assembly.addCheck({ register, members });
    run.same(check, core.addCheck(register));
    for (const { wasmOffset, delta, size } of members) core.addMember(wasmOffset, delta | 0, size);
    const begin = draw.between(0, assembly.count);
    assembly.share(check, begin);
    core.share(check, begin);
    run.same(assembly.count, core.placedCount());
  },
  returnSite: (run) => {
    const { masm, core, draw } = run;
    if (draw.chance(2)) {
      masm.returnSite();
      core.returnSite(layout.epilogueSite, 0);
      return;
    }
    const bytes = draw.between(0, 3000) * 4;
    const reg = run.reg();
    masm.returnSite((frame) => {
      masm.restoreSaved(frame, 16);
      masm.adjustStackKeeping(bytes);
      masm.jumpRegister(reg);
    });
    core.returnSite(1, run.sites.length);
    run.sites.push(() => {
      core.restoreSaved(16);
      core.adjustStackKeeping(bytes);
      core.jumpRegister(reg);
    });
  },
  placeSite: (run) => {
    leavingRows.returnSite(run);
  },
  boundsCallSite: (run) => {
    const { masm, core } = run;
    const [reg, extent, routine] = [run.reg(), run.draw.word(), 0x1_0000];
    masm.boundsCallSite(() => {
      masm.exactBoundsCheck(reg, extent, routine);
    });
    core.boundsCallSite(2, run.sites.length);
    run.sites.push(() => {
      core.exactBoundsCheck(reg, extent, routine);
    });
  },
  useLink: (run) => {
    run.same(run.masm.useLink(), run.core.useLink());
  },
  restoreSaved: (run) => {
    const frame = drawFrame(run);
    const below = 4 * run.draw.between(0, 20);
    run.masm.restoreSaved(frame, below);
    run.core.restoreSaved(below);
  },
  adjustStackKeeping: (run) => {
    const bytes = 16 * run.draw.between(0, 1000);
    run.masm.adjustStackKeeping(bytes);
    run.core.adjustStackKeeping(bytes);
  },
  jumpRegister: (run) => {
    const reg = run.reg();
    run.masm.jumpRegister(reg);
    run.core.jumpRegister(reg);
  },
  systemCall: ({ masm, core }) => {
    masm.systemCall();
    core.systemCall();
  },
  exactBoundsCheck: (run) => {
    const [a, extent, routine] = [run.reg(), run.draw.word(), run.routine()];
    run.masm.exactBoundsCheck(a, extent, routine);
    run.core.exactBoundsCheck(a, extent, routine);
  },
  boundsThunk: (run) => {
    const [a, extent, routine] = [run.reg(), run.draw.word(), run.routine()];
    run.masm.boundsThunk(a, extent, routine);
    run.core.boundsThunk(a, extent, routine);
  },
  callThunk: (run) => {
    const label = run.label();
    run.masm.callThunk(label);
    run.core.callThunk(label);
  },
  callLabel: (run) => {
    const label = run.label();
    run.masm.callLabel(label);
    run.core.callLabel(label);
  },
  callFunction: (run) => {
    const callee = run.draw.between(0, 999);
    run.masm.callFunction(callee);
    run.core.callFunction(callee);
  },
  jumpFunction: (run) => {
    const callee = run.draw.between(0, 999);
    run.masm.jumpFunction(callee);
    run.core.jumpFunction(callee);
  },
  callSlot: (run) => {
    const [base, offset, via] = [run.reg(), drawOffset(run), run.reg()];
    run.masm.callSlot(base, offset, via);
    run.core.callSlot(base, offset, via);
  },
  callRoutine: (run) => {
    const address = run.routine();
    run.masm.callRoutine(address);
    run.core.callRoutine(address);
  },
  callFarRoutine: (run) => {
    const address = run.routine();
    run.masm.callFarRoutine(run.draw.chance(2) ? address >>> 0 : address);
    run.core.callFarRoutine(address);
  },
  callService: (run) => {
    const address = run.routine();
    run.same(run.masm.callService(address), run.core.callService(address));
  },
  trap: (run) => {
    const kind = run.draw.of(trapKinds);
    run.masm.trap(kind);
    run.core.trap(trapKinds.indexOf(kind));
  },
  adjustStack: (run) => {
    const bytes = 8 * run.draw.between(-1200, 1200) * (run.draw.chance(2) ? 1 : 0) + 8 * run.draw.between(-40, 40);
    run.masm.adjustStack(bytes);
    run.core.adjustStack(bytes);
  },
  stackCheck: (run) => {
    const [bytes, limit, overflow] = [run.draw.chance(2) ? 0 : run.slot(), run.draw.word() & 0x7fff_ff00, run.label()];
    run.masm.stackCheck(bytes, limit, overflow);
    run.core.stackCheck(bytes, limit, overflow);
  },
  prologue: (run) => {
    run.masm.prologue(drawFrame(run));
    run.core.prologue();
  },
  epilogue: (run) => {
    run.masm.epilogue(drawFrame(run));
    run.core.epilogue();
  },
  frameBytes: (run) => {
    run.same(run.masm.frameBytes(drawFrame(run)), run.core.frameBytes());
  },
  savedPlaces: (run) => {
    const places = run.masm.savedPlaces(drawFrame(run));
    const count = run.core.savedPlaces();
    const words = new Int32Array(run.core.memory.buffer);
    const found = Array.from({ length: count }, (_, index) => {
      const row = layout.savedRows + index * layout.savedStride;
      return { register: words[(row + layout.savedRegister) >> 2], offset: words[(row + layout.savedOffset) >> 2] };
    });
    expect(found).toEqual(places);
  },
} satisfies Readonly<Record<string, Row>>;
