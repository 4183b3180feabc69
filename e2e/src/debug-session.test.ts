/** What a debugging session shows is what the reference interpreter has, at every boundary that it comes by, forwards and backwards. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Session, Shell, Values, type Unit } from '@fireball/debugger';
import { caseOfSeed, parseFeatures } from '@fireball/differential';
import { debugCall, decodeInput, loadModule, Random, type EngineOptions, type LoadedModule } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { doesNothing, momentsOf, type Moment } from './debugging/moments.js';
import { root } from './testing/fireball.js';

const kernels = join(root, 'packages', 'kernels', 'data', 'wasm');
/** SESSION_STEPS takes more, SESSION_MODULES and SESSION_SEED others. */
const steps = Number.parseInt(process.env['SESSION_STEPS'] ?? '100', 10);
const modules = Number.parseInt(process.env['SESSION_MODULES'] ?? '5', 10);
const seed = Number.parseInt(process.env['SESSION_SEED'] ?? '1', 10);
const cores = [
  { isa: 'thumb2', cpu: 'cortex-m4' },
  { isa: 'rv32', cpu: 'rv32imfdc' },
] as const;
const places = cores.flatMap((core) => (['compiled', 'interpreter', 'mixed'] as const).map((tier) => ({ ...core, tier })));
type Place = (typeof places)[number];

function options(cpu: string): EngineOptions {
  // Functions are hot soon, and code comes and goes.
  return { fuel: 100_000, maxPages: 32, cpu, hot: [4, 8], compileCost: 8 };
}

/** All of it that native code has; references are numbers there and addresses here. */
function check(session: Session, moment: Moment): number {
  const frames = session.frames();
  expect(frames).toHaveLength(moment.frames);
  const values = new Values(session.target, session.view);
  let compared = 0;
  const compare = (expected: readonly (readonly number[])[], actual: ReturnType<Values['locals']>): void => {
    for (const [index, { name, type, words }] of actual.entries()) {
      if (words === undefined || type === 'funcref' || type === 'externref') continue;
      expect({ name, offset: moment.offset, words }).toEqual({ name, offset: moment.offset, words: expected[index]!.slice(0, words.length) });
      compared++;
    }
  };
  compare(moment.locals, values.locals(frames[0]!));
  const operands = values.operands(frames[0]!);
  expect(operands).toHaveLength(moment.operands.length);
  // Operands have no types: what may be a reference is not compared.
  if (!frames[0]!.code!.wasm.some(({ text }) => /^(ref|table|call_indirect|return_call_indirect)/.test(text))) compare(moment.operands, operands);
  return compared;
}

/** Over what comes next and back over it ends where it began, unless the function returns. */
async function overAndBack(session: Session, unit: Unit): Promise<void> {
  const { instructions } = session.target;
  const { order } = session;
  const depth = session.frames().length;
  if ((await session.stepOver(unit)).why !== 'step' || session.frames().length !== depth) return;
  expect(await session.stepBackOver(unit)).toEqual({ why: 'step' });
  expect([unit, session.target.instructions, session.frames().length]).toEqual([unit, instructions, depth]);
  if (unit === 'wasm') expect(session.order).toBe(order);
}

/** Walks some way by wasm instructions and back again. Returns how many values were compared. */
async function walk(loaded: LoadedModule, { cpu, ...where }: Place, name: string, args: readonly Value[]): Promise<number> {
  const moments = momentsOf(loaded, options('cortex-m4'), name, args, 10 * steps);
  const { target, code } = debugCall(loaded, where, options(cpu), name, args);
  const session = new Session(target, code, { spacing: 2000, denseSpacing: 100 });
  const way: { readonly instructions: number; readonly order: number; readonly moment: Moment }[] = [];
  let next = 0;
  let compared = 0;
  try {
    for (let step = 0; step < steps; step++) {
      if (session.step('wasm').why !== 'step') break;
      const offset = session.boundary!.wasmOffset;
      const text = session.here!.wasm.find((instruction) => instruction.offset === offset)!.text;
      if (doesNothing(text)) continue;
      while (next < moments.length && moments[next]!.offset !== offset) next++;
      const moment = moments[next++];
      if (moment === undefined) break;
      compared += check(session, moment);
      way.push({ instructions: target.instructions, order: session.order, moment });
    }
    // The walk has met what the reference has done, in order, and left out no more than what shares code.
    if (moments.length > 50) expect(next).toBeLessThanOrEqual(way.length * 8 + 50);
    const random = new Random(seed);
    for (let visit = 0; visit < 12 && way.length > 0; visit++) {
      const { instructions, order, moment } = way[random.below(way.length)]!;
      session.goTo(instructions);
      session.order = order;
      check(session, moment);
      for (const unit of ['wasm', 'template', 'machine'] satisfies Unit[]) {
        session.goTo(instructions);
        if (unit === 'wasm') session.order = order;
        // From the beginning of a template, where the boundary may be inside of none.
        const from = unit === 'template' ? (session.step(unit), [target.instructions, session.order]) : [instructions, session.order];
        const times = 1 + random.below(6);
        let done = 0;
        while (done < times && session.step(unit).why === 'step') done++;
        if (done < times) continue;
        for (let back = 0; back < times; back++) expect(session.stepBack(unit)).toEqual({ why: 'step' });
        expect([unit, target.instructions]).toEqual([unit, from[0]]);
        if (unit === 'wasm') expect(session.order).toBe(from[1]);
        await overAndBack(session, unit);
      }
    }
  } finally {
    target.close();
  }
  return compared;
}

it.each(places)(
  'kernels on $cpu, $tier',
  async (place) => {
    for (const file of readdirSync(kernels)) {
      const loaded = await loadModule(join(kernels, file));
      const compared = await walk(loaded, place, 'run', []);
      expect({ file, enough: compared > steps / 2 }).toEqual({ file, enough: true });
    }
  },
  120_000,
);

it.each(places)(
  'random modules on $cpu, $tier',
  async (place) => {
    const features = parseFeatures('full');
    let compared = 0;
    for (let at = seed; at < seed + modules; at++) {
      const { bytes, calls } = caseOfSeed('own', at, features)!;
      const loaded = decodeInput(`seed ${at}`, bytes);
      if (loaded.module.imports.length > 0) continue;
      const [call] = calls;
      if (call !== undefined) compared += await walk(loaded, place, call.function, call.args);
    }
    expect(compared).toBeGreaterThan(50 * modules);
  },
  120_000,
);

it('names are completed', async () => {
  const loaded = await loadModule(join(kernels, 'fib.wasm'));
  const { target, code } = debugCall(loaded, { isa: 'thumb2', tier: 'compiled' }, options('cortex-m4'), 'run', []);
  const shell = new Shell(new Session(target, code), () => '');
  expect(shell.complete('reverse-f')).toEqual({ candidates: ['reverse-finish'], word: 'reverse-f' });
  expect(shell.complete('break r')).toEqual({ candidates: ['run'], word: 'r' });
  expect(shell.complete('break kind i32.ge')).toEqual({ candidates: ['i32.ge_s'], word: 'i32.ge' });
  expect(shell.complete('info reg')).toEqual({ candidates: ['registers'], word: 'reg' });
  expect(shell.complete('print l0 + (r1')).toEqual({ candidates: ['r1', 'r10', 'r11', 'r12'], word: 'r1' });
  expect(shell.complete('print [xp')).toEqual({ candidates: ['xpsr'], word: 'xp' });
  target.close();
});
