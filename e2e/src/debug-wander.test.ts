/** Random commands in mixed mode, while code is compiled, evicted and replaced on the stack: going forwards and back ends in the identical state. */
import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { UsageError, type Isa } from '@fireball/contracts';
import { Session, type Unit } from '@fireball/debugger';
import { assembleText, debugCall, decodeInput, Random, type DebugCall } from '@fireball/engines';
import { loadTemplates, packedSize } from '@fireball/jit';
import type { Tier } from '@fireball/vsoc';

/** WANDER_WALKS takes more, WANDER_SEED others. */
const walks = Number.parseInt(process.env['WANDER_WALKS'] ?? '2', 10);
const seed = Number.parseInt(process.env['WANDER_SEED'] ?? '1', 10);
/** Commands of a walk. */
const commands = 25;

/** Functions that are hot one after the other, with a loop that goes on natively in the middle, and recursion through both tiers. */
const text = `(module (memory 1)
  (func $mix (param i32 i64) (result i32)
    (i64.store (i32.and (i32.mul (local.get 0) (i32.const 4049)) (i32.const 0xfff8)) (i64.mul (local.get 1) (i64.const 31)))
    (i32.xor (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func $late (param i32 i64) (result i32)
    (local i32)
    (local.set 2 (i32.const 6))
    (loop $again
      (local.set 0 (i32.add (local.get 0) (i32.load (i32.and (i32.mul (local.get 0) (i32.const 52)) (i32.const 0xfffc)))))
      (br_if $again (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (local.get 0))
  (func $down (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
      (else (i32.add (call $mix (local.get 0) (i64.const 77)) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (if (result i32) (i32.and (local.get 0) (i32.const 8))
        (then (call $mix (local.get 0) (i64.extend_i32_s (local.get 1)))) (else (call $late (local.get 0) (i64.const 3))))))
      (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 7))) (then (local.set 1 (i32.add (local.get 1) (call $down (i32.const 5))))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

/** Instructions that are one: an IT block. */
const longestBlock = 5;

const units = ['wasm', 'template', 'machine'] as const satisfies Unit[];

/** Whatever can be read. */
function stateOf({ target, order }: Session): string {
  const hash = createHash('sha1');
  for (const { base, size } of target.memoryMap()) hash.update(target.peek(base, size)!);
  return [target.instructions, order, ...target.registers.map(({ name }) => target.readRegister(name)), hash.digest('hex')].join(' ');
}

async function open(isa: Isa, tier: Tier = 'mixed'): Promise<Pick<DebugCall, 'target'> & { readonly session: Session }> {
  const loaded = decodeInput('wander.wat', await assembleText('wander.wat', text));
  // Room for about one of the functions at a time.
  const budget = packedSize(loadTemplates(isa)) + { thumb2: 0x160, rv32: 0x1a0 }[isa];
  const { target, code } = debugCall(loaded, { isa, tier }, { fuel: 1_000_000, maxPages: 1, hot: [2, 5], compileCost: 8, budget }, 'run', [
    { type: 'i32', value: 60 },
  ]);
  return { target, session: new Session(target, code, { spacing: 1000, denseSpacing: 100, share: Infinity }) };
}

async function lengthOf(isa: Isa): Promise<number> {
  const { target } = await open(isa);
  target.run(Infinity);
  const { instructions } = target;
  target.close();
  return instructions;
}

/** Back to the call of the function that it is in, or to where history begins. */
async function outBackwards(session: Session, unit: Unit): Promise<void> {
  const from = session.target.instructions;
  const depth = session.inspect().length;
  const left = await session.finishBack(unit).catch(() => undefined);
  // Where a frame is being set up, nothing says so.
  if (left === undefined) return;
  // A machine instruction in front of an interpreted function is one of the interpreter.
  if (session.here === undefined && unit === 'machine') return;
  const { boundary, here } = session;
  const text = here?.wasm.find(({ offset }) => offset === boundary?.wasmOffset)?.text ?? '';
  expect([
    from,
    unit,
    left.why,
    left.why === 'begin' ? depth : session.inspect().length,
    unit !== 'wasm' || left.why === 'begin' || text.startsWith('call'),
  ]).toEqual([from, unit, ...(depth === 1 ? ['begin', 1] : ['step', depth - 1]), true]);
}

/** Forwards and back by as many steps, and over whatever is called and back over it. */
async function stepAndBack(session: Session, random: Random): Promise<void> {
  const unit = units[random.below(units.length)]!;
  if (session.step(unit).why !== 'step') return;
  const state = stateOf(session);
  const times = 1 + random.below(6);
  let done = 0;
  while (done < times && session.step(unit).why === 'step') done++;
  if (done < times) return;
  for (let back = 0; back < times; back++) session.stepBack(unit);
  expect([unit, stateOf(session)]).toEqual([unit, state]);
  const { order, target, here } = session;
  if (here === undefined) return;
  const { instructions } = target;
  const depth = session.inspect().length;
  if (random.below(2) === 0) await session.finish(unit).catch(() => undefined);
  else if ((await session.stepOver(unit)).why === 'step' && session.inspect().length === depth) {
    await session.stepBackOver(unit);
    expect([unit, 'over', stateOf(session)]).toEqual([unit, 'over', state]);
  }
  session.goTo(instructions);
  session.order = order;
  if (random.below(4) === 0) await outBackwards(session, unit);
  session.goTo(instructions);
  session.order = order;
  expect([unit, stateOf(session)]).toEqual([unit, state]);
}

it.each<Isa>(['thumb2', 'rv32'])(
  'steps in mixed mode on %s',
  async (isa) => {
    const end = await lengthOf(isa);
    for (let walk = seed; walk < seed + walks; walk++) {
      const random = new Random(walk);
      const { session, target } = await open(isa);
      // All of it for the first time, or where it has been before.
      session.goTo(walk % 2 === 0 ? Infinity : 0);
      for (let command = 0; command < commands; command++) {
        session.goTo(random.below(end));
        await stepAndBack(session, random);
      }
      session.goTo(Infinity);
      const { mixed } = target.vsoc;
      expect([mixed!.statistics.compilations > 3, mixed!.statistics.evictions > 1]).toEqual([true, true]);
      target.close();
    }
  },
  600_000,
);

it.each<Isa>(['thumb2', 'rv32'])(
  'over an instruction behind which a called function goes on natively on %s, back over it, and back out of that',
  async (isa) => {
    const { session, target } = await open(isa);
    let last = { count: 0, order: 0 };
    const isInLoop = (): boolean => session.here?.loopEntries.includes(target.pc) === true && session.inspect().length > 1;
    while (!isInLoop()) {
      if (session.here?.interpreted === true) last = { count: target.instructions, order: session.order };
      expect(session.step('machine').why).toBe('step');
    }
    session.goTo(last.count);
    const state = stateOf(session);
    expect([session.here!.interpreted, (await session.stepOver('wasm')).why, session.here!.interpreted]).toEqual([true, 'step', false]);
    await outBackwards(session, 'wasm');
    session.goTo(last.count);
    await session.stepOver('wasm');
    await session.stepBackOver('wasm');
    expect(stateOf(session)).toBe(state);
    target.close();
  },
  60_000,
);

it.each<Isa>(['thumb2', 'rv32'])(
  'what was written in mixed mode on %s is written again wherever one has been, and what lay ahead is gone',
  async (isa) => {
    const { session, target } = await open(isa);
    const random = new Random(seed);
    const visited = new Map<number, string>();
    const [memory] = target.vsoc.store.memories;
    const link = isa === 'rv32' ? 'ra' : 'lr';
    const note = (): void => void visited.set(target.instructions, stateOf(session));
    for (let writes = 0; writes < 12; writes++) {
      session.history.run(1 + random.below(900));
      note();
      // Once in a while in the past, at the same moment as before, too: nothing of the host lies between.
      if (writes % 3 === 2 && session.history.stepBack()) {
        for (const count of visited.keys()) if (count >= target.instructions) visited.delete(count);
      }
      const before = target.snapshots.save();
      try {
        const last = target.readRegister(link);
        target.writeRegister(link, 0x1234n);
        session.wrote();
        target.writeRegister(link, last);
        session.wrote();
        expect(target.poke(memory!.base + 4 * random.below(1000), Uint8Array.of(writes + 1, 2, 3))).toBe(true);
        session.wrote();
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        session.goTo(Infinity);
      }
      expect(session.history.end).toBe(target.instructions);
      note();
      // A snapshot from in front of the writing leads to behind it.
      if (before.instructions === target.instructions) target.snapshots.restore(before);
      expect(stateOf(session)).toBe(visited.get(target.instructions));
    }
    expect(session.goTo(Infinity).why).not.toBe('step');
    note();
    const counts = [...visited.keys()];
    for (let left = 40; left > 0; left--) {
      const count = counts[random.below(counts.length)]!;
      session.goTo(count);
      expect(stateOf(session)).toBe(visited.get(count));
      if (random.below(2) === 0 && session.history.stepBack()) session.goTo(count);
      expect(stateOf(session)).toBe(visited.get(count));
    }
    target.close();
  },
  60_000,
);

it.each<Isa>(['thumb2', 'rv32'])(
  'breakpoints in mixed mode on %s are met again after going back',
  async (isa) => {
    const { session, target } = await open(isa);
    for (const code of session.view.functions.filter(({ interpreted }) => interpreted)) session.breakpoints.add(code.name, [{ address: code.begin, order: 0 }]);
    const here = (): string => [session.target.instructions, session.order, session.frames().map(({ pc }) => pc)].join(' ');
    const way: string[] = [];
    const random = new Random(seed);
    while ((await session.resume()).why === 'breakpoint') {
      way.push(here());
      const back = random.below(6) === 0 ? 1 + random.below(3) : 0;
      if (way.length <= back) continue;
      for (let left = 1; left <= back; left++) expect([(await session.resumeBack()).why, here()]).toEqual(['breakpoint', way.at(-1 - left)]);
      for (let left = back - 1; left >= 0; left--) expect([(await session.resume()).why, here()]).toEqual(['breakpoint', way.at(-1 - left)]);
    }
    expect(way.length).toBeGreaterThan(60);
    target.close();
  },
  60_000,
);

it.each<{ readonly isa: Isa; readonly tier: Tier }>([
  { isa: 'thumb2', tier: 'interpreter' },
  { isa: 'rv32', tier: 'interpreter' },
  { isa: 'thumb2', tier: 'mixed' },
  { isa: 'rv32', tier: 'mixed' },
])(
  'over what a machine instruction calls, and back over it, on $isa, $tier: handlers of the interpreter and routines in ROM too',
  async ({ isa, tier }) => {
    const { session, target } = await open(isa, tier);
    session.goTo(Infinity);
    const random = new Random(seed);
    const end = target.instructions;
    for (let left = 100 * walks; left > 0; left--) {
      session.goTo(random.below(end));
      const { instructions } = target;
      const state = stateOf(session);
      if ((await session.stepOver('machine')).why !== 'step') continue;
      const steps = target.instructions - instructions;
      await session.stepBackOver('machine');
      // Over a return leads out of what was called, and back over that to in front of the call.
      const isSame = stateOf(session) === state;
      expect([steps, instructions, isSame || (steps <= longestBlock && target.instructions < instructions)]).toEqual([steps, instructions, true]);
    }
    target.close();
  },
  120_000,
);
