import { describe, expect, it } from '@jest/globals';
import { createVsoc, jitStatus, type Vsoc, type VsocInstance, type VsocOptions } from '../index.js';
import { moduleOfText, targets } from '../testing/module.js';

/** `name` asks about function 7, which adds up numbers in a loop. */
const program = moduleOfText(`(module
  (import "fireball" "builtin_jit_hint" (func $hint (param i32) (result i32)))
  (import "fireball" "builtin_jit_compile" (func $compile (param i32) (result i32)))
  (import "fireball" "builtin_jit_lookup" (func $lookup (param i32) (result i32)))
  (import "fireball" "builtin_jit_invalidate" (func $invalidate (param i32) (result i32)))
  (import "fireball" "builtin_jit_stats" (func $stats (param i32) (result i64)))
  (import "fireball" "builtin_jit_enable" (func $enable (result i32)))
  (import "fireball" "builtin_jit_disable" (func $disable (result i32)))
  (func $sum (export "sum") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "hint") (param i32) (result i32) (call $hint (local.get 0)))
  (func (export "compile") (param i32) (result i32) (call $compile (local.get 0)))
  (func (export "lookup") (param i32) (result i32) (call $lookup (local.get 0)))
  (func (export "invalidate") (param i32) (result i32) (call $invalidate (local.get 0)))
  (func (export "stats") (param i32) (result i64) (call $stats (local.get 0)))
  (func (export "enable") (result i32) (call $enable))
  (func (export "disable") (result i32) (call $disable)))`);
const sum = 7;
/** Counters of `builtin_jit_stats`. */
const [requests, compilations] = [0, 1];

function use<T>(options: VsocOptions, body: (call: (name: string, ...args: number[]) => number, instance: VsocInstance, vsoc: Vsoc) => T): T {
  const vsoc = createVsoc(options);
  try {
    const instance = vsoc.instantiate(program);
    const call = (name: string, ...args: number[]): number => {
      const { results, trap } = instance.invoke(
        name,
        args.map((value) => ({ type: 'i32', value })),
      );
      expect(trap).toBeNull();
      return Number(results[0]?.value);
    };
    return body(call, instance, vsoc);
  } finally {
    vsoc.close();
  }
}

describe.each(targets)('builtin_jit_* in mixed mode on %s', (isa) => {
  const mixed = { isa, tier: 'mixed' } as const;

  it('a hint has the function compiled in the background', () => {
    use(mixed, (call, instance) => {
      expect(call('lookup', sum)).toBe(jitStatus.interpreted);
      expect(call('hint', sum)).toBe(jitStatus.compiling);
      let state: number = jitStatus.compiling;
      for (let tries = 0; tries < 10_000 && state === jitStatus.compiling; tries++) state = call('lookup', sum);
      expect(state).toBe(jitStatus.native);
      expect(call('stats', compilations)).toBe(1);
      const { results, statistics } = instance.invoke('sum', [{ type: 'i32', value: 100 }]);
      expect(results).toEqual([{ type: 'i32', value: 5050 }]);
      expect(statistics.nativeInstructions).toBeGreaterThan(100);
    });
  });

  it('an explicit compilation ends before the call returns', () => {
    use(mixed, (call, _instance, vsoc) => {
      const before = vsoc.mixed?.clock.now ?? 0;
      expect(call('compile', sum)).toBe(jitStatus.native);
      expect((vsoc.mixed?.clock.now ?? 0) - before).toBeGreaterThan(vsoc.mixed?.statistics.compileTime ?? Infinity);
      expect(call('sum', 10)).toBe(55);
    });
  });

  it('an invalidated function is interpreted again, and may become native again', () => {
    use(mixed, (call) => {
      expect(call('invalidate', sum)).toBe(0);
      call('compile', sum);
      expect(call('invalidate', sum)).toBe(1);
      expect(call('lookup', sum)).toBe(jitStatus.interpreted);
      expect(call('sum', 10)).toBe(55);
      expect(call('compile', sum)).toBe(jitStatus.native);
    });
  });

  it('disabled, nothing is asked for and what is native stays', () => {
    use(mixed, (call) => {
      expect(call('disable')).toBe(1);
      expect(call('hint', sum)).toBe(jitStatus.interpreted);
      expect(call('stats', requests)).toBe(0);
      expect(call('enable')).toBe(0);
      expect(call('compile', sum)).toBe(jitStatus.native);
      expect(call('disable')).toBe(1);
      expect(call('lookup', sum)).toBe(jitStatus.native);
    });
  });

  it.each(['shared', 'own'] as const)('disabled, what is being compiled is given up within a slice, on a core: %s', (placement) => {
    use({ isa, tier: 'mixed', mixed: { placement } }, (call, _instance, vsoc) => {
      const { statistics, clock, service } = vsoc.mixed!;
      call('hint', sum);
      while (statistics.compileTime === 0 && clock.now < 10_000) call('lookup', sum);
      call('disable');
      const [before, spent] = [clock.now, statistics.compileTime];
      while (call('lookup', sum) === jitStatus.compiling);
      expect(clock.now - before).toBeLessThan(2500);
      expect(call('lookup', sum)).toBe(jitStatus.interpreted);
      expect(service.jobs).toEqual([undefined]);
      expect(statistics).toMatchObject({ cancellations: 1, compilations: 0 });
      expect(statistics.compileTime - spent).toBeLessThan(placement === 'own' ? 15_000 : 1);
      expect(call('sum', 10)).toBe(55);
      // The next one starts anew.
      call('enable');
      expect(call('compile', sum)).toBe(jitStatus.native);
      expect(statistics.compileTime).toBeGreaterThan(50_000);
    });
  });

  it.each([0, 15, -1])('function %d of the module has no code of its own, or does not exist', (index) => {
    use(mixed, (call) => {
      for (const name of ['hint', 'compile', 'lookup', 'invalidate']) expect(call(name, index)).toBe(jitStatus['no such function']);
    });
  });

  it('a counter that does not exist is unavailable', () => {
    use(mixed, (call) => expect(call('stats', 99)).toBe(jitStatus.unavailable));
  });

  it('a failure leaves the function in the interpreter, and the answer says so', () => {
    use({ ...mixed, mixed: { inject: { 'missing-template': 1 } } }, (call) => {
      expect(call('compile', sum)).toBe(jitStatus.blacklisted);
      expect(call('sum', 10)).toBe(55);
    });
  });

  it('TypeScript has the same calls', () => {
    use(mixed, (call, instance, vsoc) => {
      const target = instance.functions[sum];
      expect(vsoc.jit.compile(target)).toBe(jitStatus.native);
      expect(call('lookup', sum)).toBe(vsoc.jit.lookup(target));
      expect(vsoc.jit.stats(compilations)).toBe(1);
    });
  });
});

describe.each(targets)('builtin_jit_* where nothing is compiled in the background, on %s', (isa) => {
  it.each(['compiled', 'interpreter'] as const)('is unavailable: %s', (tier) => {
    use({ isa, tier }, (call) => {
      for (const name of ['hint', 'compile', 'lookup', 'invalidate', 'stats']) expect(call(name, sum)).toBe(jitStatus.unavailable);
      expect(call('enable')).toBe(jitStatus.unavailable);
      expect(call('sum', 10)).toBe(55);
    });
  });
});
