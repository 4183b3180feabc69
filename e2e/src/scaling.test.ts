/** Modules of every shape, small and eight times as large: reading, validating, compiling and running them takes near-linear work. */
import { assembleText, decodeInput, engineNamed, importPolicy, type EngineOptions } from '@fireball/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shapes, type Shape } from './scaling/shapes.js';
import { WorkCounter, type Work } from './scaling/work.js';

const factor = 8;
/** Of counted blocks. Wider encodings of branches and constants in larger modules are some 0.1 of it. */
const mostExponent = 1.3;
/** Of CPU time, which is noisy: it is there for what native code does, and judged where it is long. */
const mostTimeExponent = 1.6;
const longMs = 300;
const attempts = 3;

/** Where paths meet, the deep verifier joins all that it knows of live words: branches times live words is what these take. */
const joinsMuch = ['locals that live across branches', 'locals that live across calls', 'operands below blocks', 'br_table with values for a target each'];
const verifiable = shapes.filter(({ name }) => !joinsMuch.includes(name)).map((shape) => ({ ...shape, n: shape.n / 2 }));

interface Measured extends Work {
  readonly cpuMs: number;
  /** The result, or how else it ended. */
  readonly end: string;
}

const engineOptions = { fuel: 50_000_000, maxPages: 1024, hot: [1, 1], imports: importPolicy('zero', 1) } as const satisfies EngineOptions;

let counter: WorkCounter;
beforeAll(() => {
  counter = new WorkCounter();
});
afterAll(() => {
  counter.close();
});

/** Takes a module from its bytes to the end of a call of `run`. */
async function measure(bytes: Uint8Array, engine: string, more: Pick<EngineOptions, 'verify' | 'compiler'>): Promise<Measured> {
  counter.take();
  const begin = process.cpuUsage();
  const end = await runOn(bytes, engine, more);
  const { user, system } = process.cpuUsage(begin);
  return { ...counter.take(), cpuMs: (user + system) / 1000, end };
}

async function runOn(bytes: Uint8Array, engine: string, more: Pick<EngineOptions, 'verify' | 'compiler'>): Promise<string> {
  const instance = await engineNamed(engine).instantiate(decodeInput('shape.wasm', bytes), { ...engineOptions, ...more });
  try {
    const { results, trap } = instance.invoke('run', [{ type: 'i32', value: 1 }]);
    return trap === null ? String(results[0]?.value) : trap.kinds.join(' or ');
  } finally {
    instance.close();
  }
}

function exponent(small: number, large: number): number {
  return Math.log(Math.max(large, 1) / Math.max(small, 1)) / Math.log(factor);
}

/** The functions that took most of those whose work grew too fast. */
function culprits(small: Work, large: Work): string[] {
  return [...large.byFunction]
    .map(([name, count]) => ({ name, count, exponent: exponent(small.byFunction.get(name) ?? 0, count) }))
    .filter((each) => each.exponent > mostExponent && each.count > large.blocks / 50)
    .sort((a, b) => b.count - a.count)
    .slice(0, 5)
    .map((each) => `${each.name}: ${each.count}, exponent ${each.exponent.toFixed(2)}`);
}

/** Results of the reference, by module. */
const expected = new Map<string, string>();

/** The stack is 64 KiB: what needs more was compiled all the same. */
function expectReference(shape: Shape, n: number, engine: string, end: string): void {
  const name = `${shape.name} ${n}`;
  if (engine === 'interp') expected.set(name, end);
  else if (end !== 'call stack exhausted' && expected.has(name)) expect(end).toBe(expected.get(name));
}

describe.each([
  // The reference first.
  ['interp', {}, shapes],
  ['thumb2', {}, shapes],
  ['thumb2', { compiler: 'baseline' }, shapes],
  ['vsoc-rv32', {}, shapes],
  ['thumb2', { verify: 'deep' }, verifiable],
] as const)('near-linear on %s, %j', (engine, options, rows) => {
  /** What a module takes that is nearly empty. */
  let fixed: Work;
  beforeAll(async () => {
    const [smallest] = await modulesOf({ n: 1, text: () => '(module (func (export "run") (param i32) (result i32) local.get 0))' });
    await measure(smallest, engine, options);
    fixed = await measure(smallest, engine, options);
  });

  it.each(rows)('$name', async (shape) => {
    const [smallModule, largeModule] = await modulesOf(shape);
    const timeExponents: number[] = [];
    let isLong = true;
    for (let attempt = 0; attempt < attempts && isLong && Math.min(...timeExponents) > mostTimeExponent; attempt++) {
      const small = await measure(smallModule, engine, options);
      const large = await measure(largeModule, engine, options);
      expectReference(shape, shape.n / factor, engine, small.end);
      expectReference(shape, shape.n, engine, large.end);
      const work = exponent(small.blocks - fixed.blocks, large.blocks - fixed.blocks);
      if (work > mostExponent) expect({ exponent: work, culprits: culprits(small, large) }).toBeUndefined();
      timeExponents.push(exponent(small.cpuMs, large.cpuMs));
      isLong = large.cpuMs > longMs;
    }
    if (isLong) expect(Math.min(...timeExponents)).toBeLessThanOrEqual(mostTimeExponent);
  });
});

async function modulesOf({ n, text }: Pick<Shape, 'n' | 'text'>): Promise<[small: Uint8Array, large: Uint8Array]> {
  return [await assembleText('small.wat', text(Math.ceil(n / factor))), await assembleText('large.wat', text(n))];
}
