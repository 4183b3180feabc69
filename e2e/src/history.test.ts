/** The past of a call on the virtual SoC: every position is the same whenever it is visited, whatever was set, and across calls of the host. */
import { describe, expect, it } from '@jest/globals';
import type { DebugTarget, Isa } from '@fireball/contracts';
import { History } from '@fireball/debugger';
import { assembleText, decodeInput, Random } from '@fireball/engines';
import { loadTemplates, packedSize } from '@fireball/jit';
import { createVsoc, VsocTarget, type Tier, type VsocFunction } from '@fireball/vsoc';

/** Two functions that are hot one after the other; the host answers otherwise each time, and writes to memory. */
const text = `(module (import "host" "next" (func $next (param i32) (result i32)))
  (memory (export "memory") 1 4) (global $g (mut i32) (i32.const 0))
  (func $mix (param i32) (result i32)
    (i32.store (i32.shl (i32.and (local.get 0) (i32.const 1023)) (i32.const 2)) (local.get 0))
    (global.set $g (i32.add (global.get $g) (i32.mul (local.get 0) (i32.const 17))))
    (global.get $g))
  (func $late (param i32) (result i32)
    (i32.store offset=8192 (i32.shl (i32.and (local.get 0) (i32.const 1023)) (i32.const 2)) (local.get 0))
    (i32.xor (local.get 0) (i32.load offset=8188 (i32.shl (local.get 0) (i32.const 2)))))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (if (result i32) (i32.gt_u (local.get 0) (i32.const 350)) (then (call $mix (local.get 0))) (else (call $late (local.get 0))))))
      (if (i32.eq (i32.and (local.get 0) (i32.const 63)) (i32.const 33)) (then (local.set 1 (i32.add (local.get 1) (call $next (local.get 0))))))
      (if (i32.eq (i32.and (local.get 0) (i32.const 255)) (i32.const 128)) (then (drop (memory.grow (i32.const 1)))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.add (local.get 1) (memory.size))))`;
const trips = 700;
/** Whatever the time that they take. */
const spacing = { spacing: 3000, denseSpacing: 200, share: Infinity };
/** Where the host writes. */
const noted = 20_000;
const rows = (['thumb2', 'rv32'] as const).flatMap((isa) => (['compiled', 'interpreter', 'mixed'] as const).map((tier) => ({ isa, tier })));
interface Row {
  readonly isa: Isa;
  readonly tier: Tier;
}

async function open({ isa, tier }: Row): Promise<VsocTarget> {
  const bytes = await assembleText('loop.wat', text);
  // Room for one of the functions at a time, and requests to yield.
  const mixed = { callThreshold: 8, loopThreshold: 16, costPerByte: 20, budget: packedSize(loadTemplates(isa)) + { thumb2: 0x140, rv32: 0xe0 }[isa] };
  return new VsocTarget(() => {
    const vsoc = createVsoc({ isa, tier, mixed, locations: true, safepoints: { timeSlice: 1777 } });
    let calls = 0;
    const next = vsoc.createHostFunction({ params: ['i32'], results: ['i32'] }, () => {
      vsoc.store.memories[0]!.bytes[noted] = ++calls;
      return [{ type: 'i32', value: 1000 * calls }];
    });
    const instance = vsoc.instantiate(decodeInput('loop.wat', bytes).validated, () => next);
    return { vsoc, callee: instance.exports.get('run') as VsocFunction, args: [{ type: 'i32', value: trips }] };
  });
}

const still = (): Promise<boolean> => Promise.resolve(false);

/** Everything that a debugger can see. */
function stateOf(target: DebugTarget): string {
  const registers = target.registers.map(({ name }) => target.readRegister(name).toString(16));
  const memory = target
    .memoryMap()
    .map(({ name, base, size }) => `${name} ${size} ${Buffer.from(target.peek(base, size)!).toString('latin1').replaceAll('\0', '')}`);
  return [target.instructions, ...registers, ...memory].join('\n');
}

describe.each<Row>(rows)('history on $isa, $tier', (row) => {
  it('positions are the same at every visit, and the end as without', async () => {
    const plain = await open(row);
    expect(plain.run(Infinity)).toEqual({ why: 'exit', status: 0 });
    const target = await open(row);
    const history = new History(target, spacing);
    expect(history.run(Infinity)).toEqual({ why: 'exit', status: 0 });
    expect([target.result, stateOf(target)]).toEqual([plain.result, stateOf(plain)]);
    const random = new Random(7);
    const visited = new Map<number, string>();
    const counts = Array.from({ length: 20 }, () => random.below(plain.instructions));
    for (const count of [...counts, ...counts.toReversed()]) {
      history.goTo(count);
      expect(target.instructions).toBe(count);
      const state = stateOf(target);
      expect(visited.get(count) ?? state).toBe(state);
      visited.set(count, state);
    }
    const fresh = await open(row);
    for (const count of [...visited.keys()].sort((a, b) => a - b).filter((_, index) => index % 4 === 0)) {
      fresh.run(count - fresh.instructions);
      expect(stateOf(fresh)).toBe(visited.get(count));
    }
    expect(history.goTo(Infinity)).toEqual({ why: 'exit', status: 0 });
    expect(target.result).toEqual(plain.result);
    // Something has happened that could be lost.
    const { mixed, systemCalls, safepoints } = target.vsoc;
    expect([systemCalls.performed > 10, safepoints.yields > 1]).toEqual([true, true]);
    if (mixed !== undefined) expect([mixed.statistics.compilations > 1, mixed.statistics.evictions > 0]).toEqual([true, true]);
    for (const each of [plain, target, fresh]) each.close();
  });

  it('back to breakpoints and watched stores in reverse order of the way there', async () => {
    const target = await open(row);
    const history = new History(target, spacing);
    const [first] = target.vsoc.codeMap.functions;
    if (first !== undefined) target.stops.breakpoint(first.code.address, true);
    const { base } = target.vsoc.store.memories[0]!;
    target.stops.watch(base + 4 * 377, 4, 'write');
    target.stops.watch(base + noted, 1, 'write');
    const way: string[] = [];
    for (;;) {
      const stop = history.run(Infinity);
      if (stop.why === 'exit') break;
      way.push(`${stop.why} ${target.pc} ${target.instructions}`);
      target.stops.pass(target.pc);
    }
    expect(way.filter((entry) => entry.startsWith('breakpoint'))).toHaveLength(first === undefined ? 0 : trips - 350);
    expect(way.filter((entry) => entry.startsWith('watchpoint'))).toHaveLength(1 + 11);
    const back: string[] = [];
    for (;;) {
      const stop = history.runBack();
      if (stop.why === 'begin') break;
      back.push(`${stop.why} ${target.pc} ${target.instructions}`);
    }
    expect(back.reverse()).toEqual(way);
    target.close();
  }, 60_000);

  it('a watched store right before a snapshot is found backwards, and a breakpoint right at one', async () => {
    const plain = await open(row);
    const { base } = plain.vsoc.store.memories[0]!;
    plain.stops.watch(base + 4 * 377, 4, 'write');
    expect(plain.run(Infinity).why).toBe('watchpoint');
    const count = plain.instructions;
    const { pc } = plain;
    plain.close();
    const target = await open(row);
    // The first snapshot behind the beginning lies at the count.
    const history = new History(target, { ...spacing, spacing: count });
    history.run(count + 5000);
    target.stops.watch(base + 4 * 377, 4, 'write');
    expect([history.runBack().why, target.instructions]).toEqual(['watchpoint', count]);
    history.goTo(count + 5000);
    target.stops.breakpoint(pc, true);
    const places: number[] = [];
    while (history.runBack((stop) => stop.why === 'breakpoint').why === 'breakpoint') places.push(target.instructions);
    expect(places).toContain(count);
    // And right where history begins.
    history.goTo(0);
    target.stops.breakpoint(target.pc, true);
    history.goTo(20);
    expect([history.runBack((stop) => stop.why === 'breakpoint' && target.instructions === 0).why, target.instructions]).toEqual(['breakpoint', 0]);
    target.close();
  });

  it('single steps back come by all positions; the last write of a word is found', async () => {
    const target = await open(row);
    const told: boolean[] = [];
    const history = new History(target, { ...spacing, replaying: (active) => told.push(active) });
    const way: number[] = [];
    while (history.run(1).why === 'count' && way.length < 900) way.push(target.pc);
    expect(told).toEqual([]);
    const back: number[] = [];
    while (history.stepBack()) back.push(target.pc);
    expect([told.length >= 2 * 800, told.every((active, index) => active === (index % 2 === 0))]).toEqual([true, true]);
    expect(back.reverse().slice(1)).toEqual(way.slice(0, back.length - 1));
    expect(target.instructions).toBe(0);
    history.goTo(Infinity);
    const { base } = target.vsoc.store.memories[0]!;
    const read = (index: number): number | undefined => target.peek(base + 4 * index, 4)?.[0];
    expect([await history.lastWrite(base + 4 * 433, 4, still), read(433)]).toEqual(['instruction', 433 & 255]);
    const wrote = target.instructions;
    // A byte in the middle of what a store writes, as well.
    history.goTo(Infinity);
    expect([await history.lastWrite(base + 4 * 433 + 1, 1, still), target.instructions]).toEqual(['instruction', wrote]);
    history.goTo(wrote - 1);
    expect(read(433)).toBe(0);
    expect([await history.lastWrite(base + 4 * 433, 4, still), target.instructions]).toEqual([undefined, 0]);
    target.close();
  });

  it('the last write may be that of who debugs, until another future lies ahead', async () => {
    const target = await open(row);
    const history = new History(target, spacing);
    const { base } = target.vsoc.store.memories[0]!;
    const word = base + 4 * 433;
    history.goTo(Infinity);
    expect(await history.lastWrite(word, 4, still)).toBe('instruction');
    const wrote = target.instructions;
    target.close();
    const other = await open(row);
    const past = new History(other, spacing);
    past.run(wrote + 3);
    const { instructions: at } = other;
    expect(other.poke(word, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    past.cut();
    past.run(9);
    expect([await past.lastWrite(word + 2, 1, still), other.instructions, other.peek(word, 1)]).toEqual(['user', at, Uint8Array.of(1)]);
    past.goTo(wrote);
    expect([await past.lastWrite(word, 4, still), other.instructions]).toEqual(['instruction', wrote]);
    other.poke(base + 4 * 432, Uint8Array.of(9));
    past.cut();
    past.run(9);
    expect([await past.lastWrite(word, 4, still), other.instructions]).toEqual(['instruction', wrote]);
    other.close();
  });

  it('keeps to its bytes by fewer snapshots', async () => {
    const target = await open(row);
    const whole = new History(target, { spacing: 500, share: Infinity });
    whole.run(Infinity);
    const limit = whole.heldBytes / 3;
    target.reset();
    const thin = new History(target, { spacing: 500, bytes: limit, share: Infinity });
    expect(thin.run(Infinity)).toEqual({ why: 'exit', status: 0 });
    expect(thin.heldBytes).toBeLessThan(limit * 1.2);
    thin.goTo(1234);
    expect(target.instructions).toBe(1234);
    target.close();
  });
});
