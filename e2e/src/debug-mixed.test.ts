/** Breakpoints on functions and instructions, and backtraces, while code is interpreted, becomes native, and goes again. */
import { expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { Session, Shell, Values, type SessionStop } from '@fireball/debugger';
import { assembleText, debugCall, decodeInput } from '@fireball/engines';

const trips = 120;
/** $even and $odd take turns, calls go through three tiers of functions, and the loop goes on natively in the middle. */
const text = `(module
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $even (param i32 i64) (result i32) (i32.add (call $leaf (local.get 0)) (i32.wrap_i64 (local.get 1))))
  (func $odd (param i32 i64) (result i32) (i32.sub (call $leaf (local.get 0)) (i32.const 3)))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1)
        (if (result i32) (i32.and (local.get 0) (i32.const 1)) (then (call $odd (local.get 0) (i64.const 7))) (else (call $even (local.get 0) (i64.const 0x500000007))))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

interface Seen {
  readonly count: number;
  readonly tiers: string;
  readonly backtrace: string;
  readonly n: readonly (number | undefined)[];
}

it.each<Isa>(['thumb2', 'rv32'])(
  'mixed mode on %s',
  async (isa) => {
    const loaded = decodeInput('mixed.wat', await assembleText('mixed.wat', text));
    const { target, code } = debugCall(loaded, { isa, tier: 'mixed' }, { fuel: 1_000_000, maxPages: 1, hot: [6, 20], compileCost: 12 }, 'run', [
      { type: 'i32', value: trips },
    ]);
    const session = new Session(target, code, { spacing: 700, denseSpacing: 100, share: Infinity });
    const values = new Values(target, code);
    const leaf = code.functions.find(({ name, interpreted }) => name === 'leaf' && interpreted)!;
    session.breakpoints.add('leaf', [{ address: leaf.begin, order: 0 }]);
    const look = (): Seen => {
      const frames = session.frames();
      return {
        count: target.instructions,
        tiers: frames.map((frame) => (frame.code!.interpreted ? 'i' : 'n')).join(''),
        backtrace: frames.map((frame) => frame.code!.name).join(' '),
        n: frames.map((frame) => values.locals(frame)[0]!.words?.[0]),
      };
    };
    const way: Seen[] = [];
    let stop: SessionStop;
    while ((stop = await session.resume()).why === 'breakpoint') way.push(look());
    expect(stop).toEqual({ why: 'exit', status: 0 });
    expect(target.result!.results).toEqual([
      {
        type: 'i32',
        value: Array.from({ length: trips }, (_, index) => (index + 1) ** 2 + ((index + 1) % 2 === 0 ? 7 : -3)).reduce((sum, each) => sum + each, 0),
      },
    ]);
    expect(way.map(({ backtrace }) => backtrace)).toEqual(
      Array.from({ length: trips }, (_, index) => `leaf ${(trips - index) % 2 === 0 ? 'even' : 'odd'} run`),
    );
    // Who has used a value for the last time does not keep it.
    for (const [index, { n }] of way.entries()) expect(n.every((value) => value === undefined || value === trips - index)).toBe(true);
    expect(way.filter(({ n }) => n.every((value) => value !== undefined)).length).toBeGreaterThan(10);
    expect(new Set(way.map(({ tiers }) => tiers)).size).toBeGreaterThan(2);
    expect([way.at(0)!.tiers, way.at(-1)!.tiers.slice(0, 2)]).toEqual(['iii', 'nn']);
    const back: Seen[] = [];
    while ((stop = await session.resumeBack()).why === 'breakpoint') back.push(look());
    expect(stop).toEqual({ why: 'begin' });
    expect(back.reverse()).toEqual(way);
    // Over calls and out of functions, whoever runs what is called.
    for (const { count } of way.filter((_, index) => index % 11 === 5)) {
      session.goTo(count);
      const left = await session.finish('wasm');
      expect([
        left.why,
        session
          .frames()
          .map((frame) => frame.code?.name)
          .slice(-2),
      ]).toEqual(['step', [expect.stringMatching(/even|odd/), 'run']]);
    }
    target.close();
  },
  60_000,
);

it.each<Isa>(['thumb2', 'rv32'])(
  'the compiler at its work on %s: where it is, there and back',
  async (isa) => {
    const loaded = decodeInput('mixed.wat', await assembleText('mixed.wat', text));
    const { target, code } = debugCall(loaded, { isa, tier: 'mixed' }, { fuel: 1_000_000, maxPages: 1, hot: [6, 20] }, 'run', [{ type: 'i32', value: 4000 }]);
    const session = new Session(target, code, { spacing: 700, denseSpacing: 100, share: Infinity });
    const look = (count: number): string => {
      session.goTo(count);
      return target.tasks()[1]!.state;
    };
    const counts = Array.from({ length: 60 }, (_, index) => 3000 + 1500 * index);
    const there = counts.map(look);
    const known = there.filter((state) =>
      /^(compiling|linking) function \d, in \w+ at 0x\w{8}( in [^:]+: 0x\w+ [\w.]+)?, with \d+ bytes of memory and \d+ of stack, \d+ of \d+ instructions$/.test(
        state,
      ),
    );
    expect(there.filter((state) => state !== 'idle')).toEqual(known);
    // Several functions of the compiler, and not one place in each.
    expect(new Set(known.map((state) => / in (\w+) at /.exec(state)![1])).size).toBeGreaterThan(4);
    expect(new Set(known.map((state) => / at (0x\w+)/.exec(state)![1])).size).toBeGreaterThan(12);
    expect(counts.toReversed().map(look).reverse()).toEqual(there);
    const { meters, samples } = target.meters()!;
    const most = (name: string): number => Math.max(...samples.map(({ values }) => values[meters.findIndex((meter) => meter.name === name)]!));
    const queue = await new Shell(session, () => '').execute('info queue');
    expect(queue).toContain(
      `the compiler had at most ${most("compiler's memory")} of 1048576 bytes of memory in use, and ${most("compiler's stack")} of 65536 bytes of stack`,
    );
    expect(most("compiler's stack")).toBeGreaterThan(500);
    target.close();
  },
  60_000,
);

it.each<Isa>(['thumb2', 'rv32'])(
  'a compilation on %s that the program gives up: the same there and back',
  async (isa) => {
    const wat = `(module
      (import "fireball" "builtin_jit_hint" (func $hint (param i32) (result i32)))
      (import "fireball" "builtin_jit_enable" (func $enable (result i32)))
      (import "fireball" "builtin_jit_disable" (func $disable (result i32)))
      (import "fireball" "builtin_jit_lookup" (func $lookup (param i32) (result i32)))
      (func $work (param i32) (result i32)
        (loop $again (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $again (i32.gt_s (local.get 0) (i32.const 0)))) (local.get 0))
      (func (export "run") (result i32) (local i32)
        (drop (call $hint (i32.const 4)))
        (drop (call $work (i32.const 100)))
        (drop (call $disable))
        (drop (call $work (i32.const 300)))
        (local.set 0 (call $lookup (i32.const 4)))
        (drop (call $enable))
        (drop (call $hint (i32.const 4)))
        (drop (call $work (i32.const 12000)))
        (i32.add (i32.mul (local.get 0) (i32.const 10)) (call $lookup (i32.const 4)))))`;
    const loaded = decodeInput('given-up.wat', await assembleText('given-up.wat', wat));
    const { target, code } = debugCall(loaded, { isa, tier: 'mixed' }, { fuel: 10_000_000, maxPages: 1 }, 'run', []);
    const session = new Session(target, code, { spacing: 700, denseSpacing: 100, share: Infinity });
    const counts = Array.from({ length: 50 }, (_, index) => 400 + 1100 * index);
    const look = (count: number): string => {
      session.goTo(count);
      return target.tasks()[1]!.state;
    };
    const there = counts.map(look);
    expect(await session.resume()).toEqual({ why: 'exit', status: 0 });
    // Interpreted after it was given up, native in the end.
    expect(target.result!.results).toEqual([{ type: 'i32', value: 3 }]);
    const { mixed } = target.vsoc;
    expect(mixed!.statistics.cancellations).toBe(1);
    expect(counts.toReversed().map(look).reverse()).toEqual(there);
    const began = there.filter((state, index) => state !== 'idle' && (index === 0 || there[index - 1] === 'idle'));
    expect(began.length).toBeGreaterThan(1);
    target.close();
  },
  60_000,
);
