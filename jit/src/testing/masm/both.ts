/** What both macro assemblers are made to do, and the comparison of what comes of it. */
import { expect } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import * as layout from '../../core/layout/masm.js';
import { placedWords } from '../../core/layout/placed.js';
import type { Assembly, PlacedRange } from '../../expand/assembly.js';
import { linkIn, resolveCallees } from '../../expand/expand.js';
import { refusalOf, takeAssembly } from '../../instance/masm.js';
import { placerOf, takePlacer, type Placer } from '../../instance/placer.js';
import { verifyStaging } from '../../verify/structural.js';
import { mixed } from './draw.js';
import { rows, type RowName } from './rows.js';
import { writeFrame, type MasmRun } from './run.js';

/** One call, with what is drawn for it. */
export interface Step {
  readonly name: RowName;
  readonly seed: number;
}

/** What others see of it. */
function seen({ words, count, labels, labelCount, sharedChecks }: Assembly) {
  return { words: words.slice(0, count * placedWords), labels: Buffer.from(labels.slice(0, labelCount).buffer).toString('hex'), sharedChecks };
}

/** Places the same by both macro assemblers, and compares what is there, after each step or at the end, and when the function is whole. */
export function placeBoth(run: MasmRun, list: readonly Step[], ending: number, looksOften = true): void {
  const { core, masm, assembly } = run;
  const compare = (what: string): void => {
    const placed = takeAssembly(core.memory, run.set);
    const linkUsed = new Int32Array(core.memory.buffer)[layout.linkUsed >> 2] !== 0;
    const [now, before] = [
      { what, ...seen(placed), linkUsed },
      { what, ...seen(assembly), linkUsed: masm.linkUsed },
    ];
    // Looking at all words one by one would be most of the time.
    if (!Buffer.from(now.words.buffer).equals(Buffer.from(before.words.buffer))) expect(now).toEqual(before);
    expect([now.labels, now.linkUsed]).toEqual([before.labels, before.linkUsed]);
    if (now.sharedChecks.length > 0) expect(now.sharedChecks).toEqual(before.sharedChecks);
    expect(now.sharedChecks.length).toBe(before.sharedChecks.length);
    expect(refusalOf(core.memory, 0)).toBeUndefined();
  };
  for (const { name, seed } of list) {
    run.draw = mixed(seed);
    run.masm.wasmOffset = seed & 0xffff;
    run.writeWord(layout.wasmOffset, run.masm.wasmOffset);
    rows[name]?.(run);
    if (looksOften) compare(name);
  }
  if (run.isWhole) run.bindAll();
  compare('all');
  run.draw = mixed(ending);
  moveBoth(run);
  compare('moveBehind');
  finishBoth(run);
  compare('finish');
}

/** Where code runs, and what may be branched to from there. */
const address = 0x1_0000;
const everywhere = [{ begin: 0, end: 0xffff_ffff }];

/** Lays out, links and verifies what is placed: in the core that has placed it, and in the one that compiles functions, which gets it from elsewhere. Problems are the same, too. */
export function joinBoth(run: MasmRun): unknown {
  const { core, set, assembly, features } = run;
  const outcomeOf = (placer: Placer, layOutHere: () => Assembly): unknown[] => {
    const found: unknown[] = [];
    try {
      const placed = layOutHere();
      const { words, ...others } = seen(placed);
      found.push({ ...others, words: Buffer.from(words.buffer).toString('hex'), size: placed.size });
      const callees = resolveCallees(placed, (callee) => address + 8 * callee, placer);
      linkIn(placer, placed, address);
      found.push(Buffer.from(placer.staging).toString('hex'));
      found.push(verifyStaging(placer, placed, everywhere, callees, features));
    } catch (error) {
      if (!(error instanceof FireballError)) throw error;
      found.push(error.message);
    }
    return found;
  };
  const here = outcomeOf(placerOf(core), () => placerOf(core).layOutPlaced(set, 0));
  const elsewhere = outcomeOf(takePlacer(), () => {
    takePlacer().layOut(assembly);
    return assembly;
  });
  expect(here).toEqual(elsewhere);
  return here.at(-1);
}

function moveBoth({ core, assembly, draw }: MasmRun): void {
  const ranges: PlacedRange[] = [];
  const add = (begin: number, end: number): void => {
    if (end - begin < 2) return;
    const from = draw.between(begin, end - 1);
    const to = draw.between(from + 1, end);
    if (draw.chance(2)) ranges.push({ begin: from, end: to });
    add(from + 1, to);
    add(to, end);
  };
  add(0, assembly.count);
  const at = core.allocate(8 * ranges.length);
  new Int32Array(core.memory.buffer).set(
    ranges.flatMap(({ begin, end }) => [begin, end]),
    at >> 2,
  );
  assembly.moveBehind(ranges);
  core.moveBehind(at, ranges.length);
}

function finishBoth(run: MasmRun): void {
  const { core, masm, assembly } = run;
  const frame = run.frame();
  assembly.finish(
    () => {
      masm.prologue(frame);
    },
    (site, wasmOffset) => {
      masm.wasmOffset = wasmOffset;
      masm.placeSite(site, frame);
    },
  );
  writeFrame(core, frame);
  core.beginFinish();
  core.prologue();
  for (let site = core.nextSite(); site >= 0; site = core.nextSite()) {
    const row = core.siteAt(site) >> 2;
    const words = new Int32Array(core.memory.buffer);
    const [kind, value] = [words[row + (layout.siteKind >> 2)], words[row + (layout.siteValue >> 2)]!];
    if (kind === layout.epilogueSite) core.epilogue();
    else run.sites[value]!();
  }
}
