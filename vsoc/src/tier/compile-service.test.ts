import { InvalidInputError, NoRoomError, UnsupportedError, type CpuBackend } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { PatchError, VerifyError } from '@fireball/jit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CodeMemory, CodeMemoryFullError } from '../chip/code-memory.js';
import { FakeFunction } from '../testing/tiered.js';
import { CodeCache } from './code-cache.js';
import { CompileService } from './compile-service.js';
import { Injection, type InjectionPlan } from './injection.js';
import { emptyStatistics, type FailureKind, type TierStatistics } from './statistics.js';
import { VirtualClock } from './virtual-clock.js';
import { OwnCores } from './worker-time.js';
import { outcomeOf, WorkerFaultError, type CompileWorker } from './worker.js';

const cost = 100;
const coolDown = 1000;

/** Takes so much of `cost` for either half. */
const prices = { compiling: cost - 40, linking: 40 } as const;
const worker: CompileWorker = {
  work: ({ activity, make }, fault) => ({
    instructions: prices[activity],
    steps: [],
    memoryBytes: 1000,
    stackBytes: 100,
    outcome: fault === undefined ? outcomeOf(() => make(undefined)) : { error: new WorkerFaultError(fault) },
  }),
};

describe('compile service', () => {
  let cpu: CpuBackend;
  let clock: VirtualClock;
  let statistics: TierStatistics;
  let service: CompileService;

  const create = (plan: InjectionPlan = {}, workers = 1): void => {
    clock = new VirtualClock();
    statistics = emptyStatistics();
    const cache: CodeCache = new CodeCache(
      new CodeMemory(cpu, 0x1_0000, 0x1000),
      () => ({ registers: [], stacks: [] }),
      () => clock.now,
      statistics,
      { installed: () => undefined, retired: ({ owner }) => service.retired(owner), freed: () => undefined },
    );
    const options = { workers, queueLength: 2, attempts: 3, coolDown, forgetFlush: () => undefined };
    service = new CompileService(clock, cache, new Injection(plan), statistics, worker, new OwnCores(clock, 10), options);
  };
  /** As the CPU does: no event is overrun. */
  const pass = (instructions: number): void => {
    for (let left = instructions; left > 0;) {
      const piece = Math.min(left, clock.untilNext);
      clock.advance(piece);
      left -= piece;
    }
  };
  beforeEach(() => {
    cpu = createCpu({ isa: 'rv32', cpu: 'rv32imc' });
  });
  afterEach(() => cpu.close());

  const ask = (owner: FakeFunction, priority = 0, interval = 0): boolean => service.request(owner, { priority, interval });

  it('compiles in the background: the interpreter goes on until the time is over', () => {
    create();
    const [a, b] = [new FakeFunction('a'), new FakeFunction('b')];
    expect([ask(a), ask(b)]).toEqual([true, true]);
    expect([service.stateOf(a), service.stateOf(b)]).toEqual(['compiling', 'queued']);
    pass(cost - 1);
    expect(a.code).toBeUndefined();
    pass(1);
    expect(a.code).toBeDefined();
    expect(b.code).toBeUndefined();
    pass(cost);
    expect(b.code).toBeDefined();
    expect(statistics).toMatchObject({
      requests: 2,
      compilations: 2,
      queueWait: cost,
      compileTime: 2 * cost,
      linkTime: 80,
      queueHighWater: 1,
      workerMemoryHighWater: 1000,
      workerStackHighWater: 100,
    });
  });

  it('a function whose shared routine has no room is tried again', () => {
    create();
    const owner = new FakeFunction('a');
    const { compile } = owner;
    owner.compile = () => {
      throw new CodeMemoryFullError('no room');
    };
    ask(owner);
    pass(prices.compiling - 1);
    expect(service.stateOf(owner)).toBe('compiling');
    pass(1);
    expect([service.stateOf(owner), statistics.failures['cache-full']]).toEqual(['cooling', 1]);
    owner.compile = compile;
    pass(coolDown);
    ask(owner);
    pass(cost);
    expect(service.stateOf(owner)).toBe('native');
  });

  it('two workers compile at once', () => {
    create({}, 2);
    const owners = [new FakeFunction('a'), new FakeFunction('b')];
    owners.forEach((owner) => ask(owner));
    pass(cost);
    expect(owners.map(({ code }) => code !== undefined)).toEqual([true, true]);
  });

  it('a full queue drops the request; the function may ask again', () => {
    create();
    const owners = ['a', 'b', 'c', 'd'].map((id) => new FakeFunction(id));
    expect(owners.map((owner) => ask(owner))).toEqual([true, true, true, false]);
    expect(statistics.failures['queue-full']).toBe(1);
    pass(cost);
    expect(ask(owners[3] as FakeFunction)).toBe(true);
  });

  it('a higher priority overtakes', () => {
    create();
    const [a, b, c] = [new FakeFunction('a'), new FakeFunction('b'), new FakeFunction('c')];
    [a, b, c].forEach((owner) => ask(owner));
    ask(c, 5);
    pass(cost);
    expect([service.stateOf(b), service.stateOf(c)]).toEqual(['queued', 'compiling']);
  });

  it.each<FailureKind>(['compile-abort', 'crc', 'cache-full', 'worker-fault'])(
    'after one %s the next attempt succeeds, not before the cool-down is over',
    (kind) => {
      create({ [kind]: 1 });
      const owner = new FakeFunction('a');
      ask(owner);
      pass(cost);
      expect(service.stateOf(owner)).toBe('cooling');
      expect(ask(owner)).toBe(false);
      pass(coolDown);
      expect(ask(owner)).toBe(true);
      pass(cost);
      expect(owner.code).toBeDefined();
      expect(statistics).toMatchObject({ compilations: 1, blacklisted: 0, failures: { [kind]: 1 } });
    },
  );

  it('a lack of room is never the end, and its pauses have a limit', () => {
    create({ 'cache-full': 12 });
    const owner = new FakeFunction('a');
    for (let round = 0; round < 12; round++) {
      ask(owner);
      pass(cost);
      expect(service.stateOf(owner)).toBe('cooling');
      pass(coolDown * 2 ** Math.min(round, 4));
    }
    ask(owner);
    pass(cost);
    expect(service.stateOf(owner)).toBe('native');
    expect(statistics).toMatchObject({ blacklisted: 0, failures: { 'cache-full': 12 } });
  });

  it('nothing is compiled for a place that somebody holds who is called as often', () => {
    create();
    const [first, second] = [new FakeFunction('first', 0xf00), new FakeFunction('second', 0xf00)];
    ask(first);
    pass(cost);
    second.compile = () => {
      throw new TypeError('it was compiled');
    };
    for (let round = 0; round < 8; round++) {
      first.used = true;
      expect(ask(second, 0, 10)).toBe(false);
      pass(100);
    }
    expect(statistics).toMatchObject({ requests: 9, refusals: 8, compilations: 1, evictions: 0, failures: { 'cache-full': 0 } });
    expect(() => ask(second, 0, 10)).toThrow('it was compiled');
  });

  it('three failures in a row blacklist the function', () => {
    create({ crc: 3 });
    const owner = new FakeFunction('a');
    for (let round = 0; round < 3; round++) {
      ask(owner);
      pass(cost);
      pass(coolDown * 2 ** round);
    }
    expect(service.stateOf(owner)).toBe('blacklisted');
    expect(ask(owner)).toBe(false);
    expect(statistics).toMatchObject({ compilations: 0, blacklisted: 1, failures: { crc: 3 } });
  });

  it.each([
    ['missing-template', new InvalidInputError('the set has no template x')],
    ['missing-template', new UnsupportedError('a function of 2 MB')],
    ['no-memory', new NoRoomError('a function of 2 MB')],
    ['bad-patch', new PatchError('alu', 'rd', 16, '0 to 15')],
    ['verify-fail', new VerifyError('not the template', 0, 'alu')],
  ] as const)('a %s would come again: the function is blacklisted at once', (kind, error) => {
    create();
    const owner = new FakeFunction('a');
    owner.compile = () => {
      throw error;
    };
    ask(owner);
    pass(cost);
    expect(service.stateOf(owner)).toBe('blacklisted');
    expect(statistics.failures[kind]).toBe(1);
  });

  it('hides no defect of its own', () => {
    create();
    const owner = new FakeFunction('a');
    owner.compile = () => {
      throw new TypeError('x is not a function');
    };
    expect(() => ask(owner)).toThrow(TypeError);
  });

  it('disabled, it takes no request and installs nothing', () => {
    create();
    const [a, b] = [new FakeFunction('a'), new FakeFunction('b')];
    ask(a);
    service.enabled = false;
    expect(ask(b)).toBe(false);
    pass(cost);
    expect([a.code, service.stateOf(a), service.stateOf(b)]).toEqual([undefined, 'interpreted', 'interpreted']);
  });

  it.each([
    { half: 'compiling', before: 25, executed: 30 },
    { half: 'linking', before: prices.compiling + 15, executed: prices.compiling + 20 },
  ])('disabled while it is $half, it gives up where the next slice begins, and does not begin what waits', ({ half, before, executed }) => {
    create();
    const [a, b] = [new FakeFunction('a'), new FakeFunction('b', 0xf00)];
    ask(a);
    ask(b);
    b.compile = () => {
      throw new TypeError('it was compiled');
    };
    pass(before);
    service.enabled = false;
    expect(service.stateOf(a)).toBe('compiling');
    pass(executed - before);
    expect([a.code, service.stateOf(a), service.stateOf(b), service.working, service.waiting]).toEqual([undefined, 'interpreted', 'interpreted', 0, 0]);
    pass(cost);
    const { compileTime, linkTime, cancellations, compilations } = statistics;
    const linked = Math.max(0, executed - prices.compiling);
    expect({ compileTime, linkTime, cancellations, compilations }).toEqual({ compileTime: executed, linkTime: linked, cancellations: 1, compilations: 0 });
    // What it would have taken did not happen.
    expect(statistics.workerMemoryHighWater).toBe(half === 'compiling' ? 0 : 1000);
    // All of the code memory is free: nothing was kept for it.
    service.enabled = true;
    b.compile = () => b.compiled;
    ask(b);
    pass(cost);
    expect(service.stateOf(b)).toBe('native');
  });

  it('enabled again within a slice, nothing has happened', () => {
    create();
    const owner = new FakeFunction('a');
    ask(owner);
    pass(25);
    service.enabled = false;
    pass(3);
    service.enabled = true;
    pass(cost - 28);
    expect(service.stateOf(owner)).toBe('native');
    expect(statistics).toMatchObject({ compileTime: cost, cancellations: 0 });
  });

  it('what it has compiled is thrown away where it is linked against something else by now', () => {
    create();
    const owner = new FakeFunction('a');
    ask(owner);
    pass(cost - 1);
    owner.isCurrent = false;
    pass(1);
    expect([owner.code, service.stateOf(owner), statistics.compilations]).toEqual([undefined, 'interpreted', 0]);
    owner.isCurrent = true;
    ask(owner);
    pass(cost);
    expect(service.stateOf(owner)).toBe('native');
  });

  it('an evicted function may come back', () => {
    create();
    const [small, large] = [new FakeFunction('small'), new FakeFunction('large', 0x1000)];
    for (const owner of [small, large, small]) {
      ask(owner);
      pass(cost);
      owner.forgetUse();
    }
    expect(small.code).toBeDefined();
    expect(service.stateOf(large)).toBe('interpreted');
    expect(statistics).toMatchObject({ compilations: 3, recompilations: 1 });
  });
});
