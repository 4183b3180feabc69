/** Debian's gdb where functions are interpreted: frames, values, breakpoints and steps through all layers, beside what our own session says at the same places. */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gdb, hasGdb, runGdb, Served } from './gdb/clients.js';

const withGdb = hasGdb ? describe : describe.skip;
const judge = hasGdb ? gdb : `${gdb} is not installed: skipped`;
const module = fileURLToPath(new URL('../../e2e/gdb/layers.wat', import.meta.url));
/** GDB_STEPS takes more. */
const looks = Number.parseInt(process.env['GDB_STEPS'] ?? '12', 10);

const started: Served[] = [];
async function serve(...args: readonly string[]): Promise<Served> {
  const served = await Served.start([module, ...args, '--wait'], 'debug');
  started.push(served);
  return served;
}
afterEach(() => {
  for (const served of started.splice(0)) served.kill();
});

/** Most activations of the module at once. */
const depth = 4;
/** Commands that show one place twice: as gdb knows it, and as the session does. */
const look = [
  'echo == gdb\\n',
  'bt full',
  'echo == ours\\n',
  'monitor wasm-bt',
  ...Array.from({ length: depth }, (_, frame) => `monitor wasm-locals ${frame}`).flatMap((command) => ['echo == frame\\n', command]),
  'echo == end\\n',
];

interface Shown {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Frames of `bt full`, innermost first. */
function framesOf(printed: string): Shown[] {
  return printed
    .split(/^#\d+ +/m)
    .slice(1)
    .map((text) => {
      const [, name = '', args = ''] = /^(?:0x[0-9a-f]+ in )?(\S+) \((.*)\)/.exec(text) ?? [];
      const values = [...args.matchAll(/(\w+)=([^,]+)/g), ...text.matchAll(/^\s+(\w+) = (.*)$/gm)].map(([, key = '', value = '']) => [key, value] as const);
      return { name, values: new Map(values) };
    });
}

/** What `monitor wasm-locals` shows of integers, by gdb's names. */
function ownValuesOf(printed: string): ReadonlyMap<string, string> {
  return new Map(
    [...printed.matchAll(/^(local|operand) (\d+)\s+(?:i32|i64)?\s+(-?\d+) \(0x[0-9a-f]+\)/gm)].map(([, kind = '', index = '', value = '']) => [
      `${kind === 'local' ? 'local' : 'stack'}${index}`,
      value,
    ]),
  );
}

interface Compared {
  frames: number;
  values: number;
  /** Kinds of code in one backtrace, and how often that was so. */
  readonly layers: Map<string, number>;
}

/** Compares all looks that were printed. */
function compare(printed: string): Compared {
  const compared: Compared = { frames: 0, values: 0, layers: new Map() };
  for (const part of printed.split(/^== gdb\n/m).slice(1)) {
    const [shown = '', ours = '', ...frames] = (part.split(/^== end\n/m)[0] ?? '').split(/^== (?:ours|frame)\n/m);
    const all = framesOf(shown);
    const theirs = all.filter(({ name }) => name !== 'host' && name !== '??' && !/^(interp|rom)_/.test(name));
    const names = [...ours.matchAll(/^#\d+ +\S+ in ([^:]+): /gm)].map(([, name = '']) => name);
    expect({ ours, names: theirs.map(({ name }) => name) }).toEqual({ ours, names });
    expect(all.at(-1)?.name).toBe('host');
    compared.frames += names.length;
    const kinds = [...new Set([...ours.matchAll(/^#\d+ .*$/gm)].map(([line]) => (line.endsWith('(interpreted)') ? 'interpreted' : 'native')))]
      .sort()
      .join(' and ');
    compared.layers.set(kinds, (compared.layers.get(kinds) ?? 0) + 1);
    for (const [index, { values }] of theirs.entries()) {
      for (const [name, value] of ownValuesOf(frames[index] ?? '')) {
        const text = values.get(name);
        if (text === undefined || text === '<optimized out>') continue;
        expect({ shown, ours: frames[index], index, name, text }).toEqual({ shown, ours: frames[index], index, name, text: value });
        compared.values++;
      }
    }
  }
  return compared;
}

withGdb(`interpreted functions in gdb (${judge})`, () => {
  it.each(['thumb2', 'rv32'])(
    '%s: at every instruction all frames and values are what the session says',
    async (isa) => {
      const served = await serve('--engine', `vsoc-interp-${isa}`, '--invoke', 'run=20');
      const printed = await runGdb(served.port, ['break run', 'continue', ...Array.from({ length: looks }, () => ['stepi', ...look]).flat(), 'kill']);
      const compared = compare(printed);
      expect(compared.layers).toEqual(new Map([['interpreted', looks]]));
      expect(compared.frames).toBeGreaterThan(2 * looks);
      // All locals, and all operands: nothing is optimized out.
      expect(compared.values).toBeGreaterThan(5 * looks);
      expect(printed).not.toContain('optimized out');
    },
    60_000 + 500 * looks,
  );

  it.each(['thumb2', 'rv32'])(
    '%s, mixed mode: backtraces go through native code, the interpreter and ROM to the host, forwards and backwards',
    async (isa) => {
      const served = await serve('--engine', `vsoc-${isa}`, '--invoke', 'run=400', '--hot', '30,100000');
      const printed = await runGdb(served.port, [
        ...['break hot', 'continue', ...look],
        ...[60, 100, 1, 1].flatMap((times) => [`continue ${times}`, ...look]),
        ...['finish', 'step', 'echo == back\\n', 'reverse-continue', ...look, 'echo == on\\n', 'delete', 'continue'],
      ]);
      const compared = compare(printed);
      expect([...compared.layers.keys()]).toEqual(expect.arrayContaining(['interpreted', 'interpreted and native']));
      expect(compared.frames).toBe(depth * 6);
      expect(/^== back\n[^]*?Breakpoint 1(\.\d)?, hot \(/m.test(printed)).toBe(true);
      expect(printed).not.toContain('SIGTRAP');
      expect(printed).toContain('exited normally');
      expect(await served.ended()).toBe(0);
      expect(served.stdout).toContain('i32 400');
    },
    60_000,
  );

  it.each(['thumb2', 'rv32'])(
    '%s: steps over and out of calls, watchpoints in a handler, the first address of a function',
    async (isa) => {
      const served = await serve('--engine', `vsoc-interp-${isa}`, '--invoke', 'run=5');
      const printed = await runGdb(served.port, [
        ...[
          'tbreak *mid',
          'continue',
          'echo == at\\n',
          'next 10',
          'info locals',
          'echo == over\\n',
          'finish',
          'echo == out\\n',
          'tbreak layers.wat:43',
          'continue',
        ],
        ...['watch local1', 'continue', 'bt', 'echo == watched\\n', 'step', 'echo == stepped\\n', 'reverse-continue', 'delete', 'continue'],
      ]);
      const [at = '', over = '', out = '', watched = '', stepped = '', end = ''] = printed.split(/^== \w+\n/m);
      expect(at).toMatch(/Temporary breakpoint 1, mid \(local0=0\) at layers\.wat/);
      expect(over).toMatch(/^stack1 = 6\nstack0 = 77$/m);
      expect(out).toMatch(/^outer \(local0=0\) at layers\.wat/m);
      expect(out).toMatch(/Value returned is \$\d+ = 83/);
      expect(watched).toMatch(/Old value = 0\nNew value = 1\n/);
      expect(watched).toMatch(/^#0 .* in interp_\w+ \(\)\n#1 .* in run \(local0=5\) at layers\.wat:\d+\n#2 .* in host \(\)$/m);
      expect(stepped).toMatch(/^run \(local0=5\) at layers\.wat|^\d+\t/m);
      expect(end).toMatch(/Old value = 1\nNew value = 0\n/);
      expect(end).toContain('exited normally');
    },
    60_000,
  );
});
