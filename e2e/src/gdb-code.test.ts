/** Debian's gdb on generated code: lines, breakpoints, values and frames, forwards and backwards, beside what our own session says. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DebugFunction, Isa } from '@fireball/contracts';
import { Session, Values, type Frame, type Variable } from '@fireball/debugger';
import { debugCall, loadModule } from '@fireball/engines';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gdb, hasGdb, missingLines, runGdb, Served, shownSessions } from './gdb/clients.js';
import { fireball, root } from './testing/fireball.js';

const withGdb = hasGdb ? describe : describe.skip;
const judge = hasGdb ? gdb : `${gdb} is not installed: skipped`;
const kernel = (name: string): string => join(root, 'packages', 'kernels', 'data', 'wasm', `${name}.wasm`);
const module = (name: string): string => fileURLToPath(new URL(`../../e2e/gdb/${name}.wat`, import.meta.url));
/** GDB_STEPS takes more. */
const steps = Number.parseInt(process.env['GDB_STEPS'] ?? '120', 10);

const started: Served[] = [];
async function serve(...args: readonly string[]): Promise<Served> {
  const served = await Served.start([...args, '--wait'], 'debug');
  started.push(served);
  return served;
}
afterEach(() => {
  for (const served of started.splice(0)) served.kill();
});

/** What gdb says of one frame. */
interface GdbFrame {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Frames of `bt full`, innermost first. */
function framesOf(printed: string): GdbFrame[] {
  return printed
    .split(/^#\d+ +/m)
    .slice(1)
    .map((text) => {
      const [, name = '', args = ''] = /^(?:0x[0-9a-f]+ in )?(\S+) \((.*)\)/.exec(text) ?? [];
      const values = new Map<string, string>();
      for (const [, key = '', value = ''] of args.matchAll(/(\w+)=([^,]+)/g)) values.set(key, value);
      for (const [, key = '', value = ''] of text.matchAll(/^\s+(\w+) = (.*)$/gm)) values.set(key, value);
      return { name, values };
    });
}

/** Calls that are going on, by what the CPU does alone: an instruction that leaves its own end in a link register, and the way back there. */
class ShadowStack {
  readonly #returns: { readonly pc: number; readonly sp: number }[] = [];

  constructor(private readonly session: Session) {}

  /** Of functions and routines, the outermost included. */
  get depth(): number {
    return this.#returns.length + 1;
  }

  step(): boolean {
    const { target, view } = this.session;
    const before = target.pc;
    if (this.session.step('machine').why !== 'step') return false;
    const register = (name: string): number => Number(target.readRegister(name));
    const sp = register('sp');
    const top = this.#returns.at(-1);
    if (top !== undefined && target.pc === top.pc && sp >= top.sp) this.#returns.pop();
    else {
      const links = target.architecture === 'rv32' ? ['ra', 't0'] : [view.registerName(view.link)];
      const next = before + sizeAt(before, this.session);
      if (target.pc !== next && links.some((name) => (register(name) & ~1) === next)) this.#returns.push({ pc: next, sp });
    }
    return true;
  }
}

function sizeAt(address: number, { target }: Session): number {
  const [low = 0, high = 0] = target.peek(address, 2) ?? [];
  return (target.architecture === 'thumb2' ? high >= 0xe8 : (low & 3) === 3) ? 4 : 2;
}

/** Is what gdb shows this value? Of operands, code does not say whether they are floats. */
function agrees(text: string, { type, words = [] }: Variable): boolean {
  const view = new DataView(new ArrayBuffer(8));
  words.forEach((word, index) => {
    view.setInt32(4 * index, word, true);
  });
  const isLong = words.length > 1;
  const float = isLong ? view.getFloat64(0, true) : view.getFloat32(0, true);
  const asFloat = text.includes('nan')
    ? Number.isNaN(float)
    : text.includes('inf')
      ? !Number.isFinite(float)
      : isLong
        ? Number(text) === float
        : Math.fround(Number(text)) === float;
  const asInteger =
    /^-?\d+$/.test(text) &&
    BigInt.asIntN(64, BigInt(text)) ===
      (isLong ? view.getBigInt64(0, true) : type === undefined || /^i/.test(type) ? BigInt(words[0]!) : BigInt(words[0]! >>> 0));
  return type === 'f32' || type === 'f64' ? asFloat : asInteger || (type === undefined && asFloat);
}

const gdbName = (code: DebugFunction): string => code.name.replace(/[^\w$]+/g, '_').replace(/(?<=.)_+$/, '');
const optimized = '<optimized out>';

/** Our values by gdb's names. */
function valuesOf(values: Values, frame: Frame): Map<string, Variable> {
  return new Map(
    [...values.locals(frame), ...values.operands(frame)].map((variable) => [variable.name.replace('operand ', 'stack').replace('local ', 'local'), variable]),
  );
}

interface Compared {
  depths: number;
  values: number;
  inside: number;
  /** The call has returned before the last look. */
  hasEnded: boolean;
}

/** Steps gdb and a session side by side from the beginning on. `strides`: instructions from one look to the next. */
async function walk(file: string, isa: Isa, args: readonly string[], strides: readonly number[]): Promise<Compared> {
  const served = await serve(file, '--engine', isa, ...args);
  const printed = await runGdb(served.port, [
    'set print frame-arguments all',
    ...strides.flatMap((stride) => [`stepi ${stride}`, 'printf "== %u\\n", $pc', 'bt full']),
  ]);
  const looks = printed.split(/^== /m).slice(1);
  const loaded = await loadModule(file);
  const call = debugCall(loaded, { isa, tier: 'compiled' }, { fuel: 1_000_000, maxPages: 1024, ...(args[0] === '--cpu' ? { cpu: args[1]! } : {}) }, 'run', []);
  const session = new Session(call.target, call.code, { spacing: 1_000_000 });
  const values = new Values(call.target, call.code);
  const shadow = new ShadowStack(session);
  /** Of each activation that was at a boundary, what it had there. */
  const last: (Map<string, Variable> | undefined)[] = [];
  const compared: Compared = { depths: 0, values: 0, inside: 0, hasEnded: false };
  try {
    for (const [index, look] of looks.entries()) {
      for (let step = 0; step < strides[index]!; step++) {
        const { depth } = shadow;
        if (!shadow.step()) return { ...compared, hasEnded: true };
        if (shadow.depth > depth) last[shadow.depth] = undefined;
        note();
      }
      expect(Number.parseInt(look, 10)).toBe(call.target.pc);
      if (call.target.pc === call.code.exit) return { ...compared, hasEnded: true };
      compare(framesOf(look));
    }
    expect(looks).toHaveLength(strides.length);
  } finally {
    call.target.close();
  }
  return compared;

  function note(): void {
    session.order = 1000;
    const [frame] = session.frames();
    if (frame?.exact === true) last[shadow.depth] = valuesOf(values, frame);
  }

  function compare(frames: readonly GdbFrame[]): void {
    const place = { pc: call.target.pc.toString(16), at: call.target.instructions };
    const names = frames.map(({ name }) => name);
    expect({ ...place, names, depth: names.length }).toEqual({ ...place, names, depth: shadow.depth + 1 });
    expect(frames.at(-1)?.name).toBe('host');
    compared.depths++;
    const { here } = session;
    if (here !== undefined) expect(frames[0]?.name).toBe(gdbName(here));
    const ours = session.frames();
    const inner = ours[0]?.exact === true ? valuesOf(values, ours[0]) : undefined;
    for (const [name, text] of frames[0]!.values) {
      if (here === undefined || /^(global|memory)/.test(name)) continue;
      const variable = (inner ?? last[shadow.depth])?.get(name);
      const isKnown = variable?.words !== undefined;
      // At a boundary it shows all that there is, elsewhere what is still there.
      if (inner !== undefined) expect({ ...place, name, text, isThere: text !== optimized }).toEqual({ ...place, name, text, isThere: isKnown });
      if (text === optimized) continue;
      expect({ ...place, name, text, words: variable?.words, agrees: isKnown && agrees(text, variable) }).toEqual({
        ...place,
        name,
        text,
        words: variable?.words,
        agrees: true,
      });
      if (inner === undefined) compared.inside++;
      else compared.values++;
    }
    if (inner !== undefined)
      for (const [name, { words }] of inner)
        if (words !== undefined && !/^stack(6[4-9]|[7-9]\d|\d{3})/.test(name)) expect([...frames[0]!.values.keys()]).toContain(name);
    for (const [depth, frame] of ours.entries()) {
      // Inside of templates, the session takes the frame for whole.
      if (depth === 0 || inner === undefined || frame.code === undefined) continue;
      const theirs = frames[depth]!;
      expect(theirs.name).toBe(gdbName(frame.code));
      for (const [name, variable] of valuesOf(values, frame)) {
        const text = theirs.values.get(name);
        if (!name.startsWith('local') || variable.words === undefined || text === undefined || text === optimized) continue;
        expect({ ...place, depth, name, text, words: variable.words, agrees: agrees(text, variable) }).toEqual({
          ...place,
          depth,
          name,
          text,
          words: variable.words,
          agrees: true,
        });
        compared.values++;
      }
    }
  }
}

/** Every instruction at first, then some of them. */
const strides = Array.from({ length: steps }, (_, step) => (step < steps / 2 ? 1 : 1 + ((step * 37) % 23)));

withGdb(`frames and values at every instruction (${judge})`, () => {
  it.each([
    { isa: 'rv32', name: 'fib', file: kernel('fib'), args: [] },
    { isa: 'thumb2', name: 'frames', file: module('frames'), args: ['--cpu', 'cortex-m4'] },
    { isa: 'rv32', name: 'frames', file: module('frames'), args: ['--cpu', 'rv32imfdc'] },
  ] as const)(
    '$isa: $name',
    async ({ isa, name, file, args }) => {
      const compared = await walk(file, isa, args, name === 'frames' ? strides.map((stride) => Math.min(stride, 3)) : strides);
      if (!compared.hasEnded) expect(compared.depths).toBe(steps);
      expect(compared.values).toBeGreaterThan(compared.depths / 20);
      expect(compared.depths).toBeGreaterThanOrEqual(Math.min(steps, 100));
      expect(compared.inside).toBeGreaterThan(0);
    },
    60_000 + steps * 200,
  );
});

withGdb(`lines of C (${judge})`, () => {
  it.each(['thumb2', 'rv32'])('%s: break, step, next, finish and list go by them, backwards too', async (isa) => {
    const served = await serve(join(root, 'e2e/sources/points-O0.wasm'), '--engine', isa, '--invoke', 'sum=2');
    const printed = await runGdb(served.port, [
      ...[
        'break points.c:25',
        'continue',
        'step',
        'bt 2',
        'next',
        'finish',
        'step 1',
        'next 1',
        'reverse-next',
        'reverse-finish',
        'list 11,12',
        'info line points.c:27',
        'kill',
      ].flatMap((command) => [`echo \\n= ${command}\\n`, command]),
    ]);
    const said = new Map(printed.split(/^= /m).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]));
    const expected: readonly (readonly [command: string, text: RegExp])[] = [
      ['continue', /^Breakpoint 1, sum \(.*\) at .*\/e2e\/sources\/points\.c:25\n25\t {4}all = add\(all, area\(&points\[i\]\)\);/m],
      ['step', /^area \(.*\) at .*points\.c:12\n12\t {2}int width = p->x;/m],
      ['bt 2', /^#0 +area \(.*\) at .*points\.c:12\n#1 +0x\w+ in sum \(.*\) at .*points\.c:25$/m],
      ['next', /^13\t {2}return width \* p->y;/m],
      ['finish', /in sum \(.*\) at .*points\.c:25\n[^]*Value returned is \$1 = 2/],
      ['step 1', /^add \(.*\) at .*points\.c:17\n17\t/m],
      ['next 1', /^18\t {2}return result;/m],
      ['reverse-next', /^17\t {2}int result = a \+ b;/m],
      ['reverse-finish', /at .*points\.c:25|^25\t/m],
      ['list 11,12', /^11\tstatic inline int area\(const struct point \*p\) \{\n12\t/m],
      ['info line points.c:27', /Line 27 of ".*points\.c" starts at address 0x/],
    ];
    for (const [command, text] of expected) expect({ command, said: said.get(command) }).toEqual({ command, said: expect.stringMatching(text) });
  });
});

withGdb(`code that is compiled and evicted while gdb looks on (${judge})`, () => {
  it.each(['thumb2', 'rv32'])(
    '%s: breakpoints bind to code that appears beside the interpreted function, go with it, and bind to what is compiled again',
    async (isa) => {
      const file = module('evicted');
      const engine = ['--engine', `vsoc-${isa}`];
      // Room for one function beside the templates.
      const { stderr } = fireball(['run', file, ...engine, '--budget', '1']);
      const [, budget = ''] = /at least (\d+)/.exec(stderr) ?? [];
      const served = await serve(file, ...engine, '--budget', budget, '--hot', '8,100000');
      const printed = await runGdb(served.port, [
        ...[
          'break first if $pc < 0x8000000',
          'info sharedlibrary',
          'echo \\n==\\n',
          'continue',
          'bt',
          'info breakpoints',
          'info sharedlibrary',
          'echo \\n==\\n',
        ],
        ...['disable 1', 'tbreak second if $pc < 0x8000000', 'continue', 'info breakpoints', 'info sharedlibrary', 'echo \\n==\\n'],
        ...['enable 1', 'continue', 'info sharedlibrary', 'stepi', 'echo \\n==\\n', 'reverse-continue', 'info sharedlibrary', 'echo \\n==\\n'],
        ...['delete', 'continue'],
      ]);
      const [interpreted, first, second, again, back, end] = printed.split(/^==\n/m);
      expect(interpreted).toMatch(/Breakpoint 1 at 0xe/);
      expect(interpreted).toContain('No shared libraries loaded');
      expect(first).toMatch(/Breakpoint 1\.1, first \(.*\) at evicted\.wat:[67]$/m);
      expect(locationsIn(first)).toEqual(['first 0x00', 'first 0xe0']);
      expect(first).toMatch(/^#1 .* in interp_begin \(\)$/m);
      expect(librariesIn(first)).toEqual(['1-f0']);
      // The same place in memory has other code now.
      expect(second).toMatch(/Temporary breakpoint 2\.1, second \(/);
      expect(locationsIn(second)).toEqual(['first 0xe0']);
      expect(librariesIn(second)).toEqual(['2-f1']);
      expect(again).toMatch(/Breakpoint 1\.1, first \(/);
      expect(librariesIn(again)).toEqual(['3-f0']);
      expect(back).toMatch(/Breakpoint 1\.1, first \(/);
      expect(librariesIn(back)).toEqual(['3-f0']);
      expect(printed).not.toContain('SIGTRAP');
      expect(end).toContain('exited normally');
      expect(await served.ended()).toBe(0);
      const plain = fireball(['run', file, ...engine]).stdout.split(' ')[1];
      expect(served.stdout).toContain(`the call has returned i32 ${plain}`);
    },
    60_000,
  );
});

/** Those of `info breakpoints`: functions, and in which part of memory. */
function locationsIn(printed: string | undefined): string[] {
  return [...(printed ?? '').matchAll(/^[\d.]+ .* (0x\w\w)\w{6} in (\w+) at/gm)].map(([, place = '', name = '']) => `${name} ${place}`);
}

/** Those of `info sharedlibrary`. */
function librariesIn(printed: string | undefined): string[] {
  return [...(printed ?? '').matchAll(/^0x\S+ +0x\S+ +Yes .*\/(\S+)\.elf$/gm)].map(([, name = '']) => name);
}

withGdb(`the second session of docs/debug.md (${judge})`, () => {
  it('prints what is shown', async () => {
    const [, session] = shownSessions();
    const served = await serve(kernel('fib'));
    expect(missingLines(session!, await runGdb(served.port, session!.commands))).toEqual([]);
    expect(await served.ended()).toBe(0);
    expect(served.stdout).toContain('the call has returned i32 46368');
  }, 60_000);
});
