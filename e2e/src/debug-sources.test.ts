/** Source lines of modules in sessions, on every engine: breakpoints, steps forwards and back, what is shown. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Session, Shell } from '@fireball/debugger';
import { debugCall, engineNamed, loadModule, type LoadedModule } from '@fireball/engines';
import { fireball, root } from './testing/fireball.js';

const sources = join(root, 'e2e/sources');

function open(
  loaded: LoadedModule,
  engine: string,
  entry: string,
  argument: number,
): { readonly session: Session; readonly shell: Shell; readonly close: () => void } {
  const { target, code } = debugCall(loaded, engineNamed(engine).vsoc!, { fuel: 1_000_000, maxPages: 4 }, entry, [{ type: 'i32', value: argument }]);
  const session = new Session(target, code);
  return {
    session,
    shell: new Shell(session, () => 'ended'),
    close: () => {
      target.close();
    },
  };
}

/** Functions and lines that a word leads through, until it leads to the host or to the beginning. */
async function path(shell: Shell, word: string, most = 200): Promise<string[]> {
  const places: string[] = [];
  for (let steps = 0; steps < most; steps++) {
    const said = await shell.execute(word);
    const place = / in (\w+): .* at (\w+\.\w+:\d+)$/m.exec(said);
    if (place === null || said.includes('history begins')) break;
    places.push(`${place[1]} ${place[2]}`);
  }
  return places;
}

const engines = ['thumb2', 'rv32', 'vsoc-interp-thumb2', 'vsoc-rv32'];

describe.each(['points-O0.wasm', 'points-O0-dwarf5.wasm'])('%s', (name) => {
  let loaded: LoadedModule;
  beforeAll(async () => {
    loaded = await loadModule(join(sources, name));
  });

  describe.each(engines)('on %s', (engine) => {
    it('step goes through lines and into functions, next over these, and back the same way', async () => {
      const { session, shell, close } = open(loaded, engine, 'sum', 1);
      try {
        await shell.execute('break points.c:22');
        await shell.execute('continue');
        await shell.execute('delete 1');
        const lines = (await path(shell, 'step')).slice(0, 12);
        expect(lines).toEqual([
          'sum points.c:24',
          'sum points.c:25',
          'area points.c:12',
          'area points.c:13',
          'sum points.c:25',
          'add points.c:17',
          'add points.c:18',
          'sum points.c:25',
          'sum points.c:24',
          'sum points.c:27',
          'sum points.c:28',
        ]);
        await shell.execute('goto 0');
        await shell.execute('break points.c:22');
        await shell.execute('continue');
        await shell.execute('delete 2');
        const over = ['sum points.c:24', 'sum points.c:25', 'sum points.c:24', 'sum points.c:27', 'sum points.c:28'];
        expect(await path(shell, 'next')).toEqual(over);
        const end = session.target.instructions;
        const back = await path(shell, 'rnext');
        expect(back.slice(0, 6)).toEqual([...over].reverse().concat('sum points.c:22'));
        await shell.execute(`goto ${end}`);
        expect((await path(shell, 'rstep')).slice(0, 9)).toEqual([
          'sum points.c:28',
          'sum points.c:27',
          'sum points.c:24',
          'add points.c:18',
          'add points.c:17',
          'add points.c:16',
          'area points.c:13',
          'area points.c:12',
          'area points.c:11',
        ]);
      } finally {
        close();
      }
    });
  });
});

describe.each(engines)('points-O2.wasm on %s', (engine) => {
  it('a breakpoint on an inlined line stops at every copy, every time', async () => {
    const { session, shell, close } = open(await loadModule(join(sources, 'points-O2.wasm')), engine, 'sum', 3);
    try {
      expect(await shell.execute('break points.c:13')).toMatch(/^breakpoint 1 at points\.c:13, at 0x[0-9a-f]{8} and \d more places$/);
      const stops: string[] = [];
      for (let stop = 0; stop < 10; stop++) {
        const said = await shell.execute('continue');
        if (!said.includes('breakpoint 1')) break;
        stops.push(/at (points\.c:\d+)$/m.exec(said)?.[1] ?? '?');
      }
      expect(stops).toEqual(Array.from({ length: 3 }, () => 'points.c:13'));
      expect(session.target.instructions).toBeGreaterThan(20);
    } finally {
      close();
    }
  });
});

/** What the shell says to each line, where `shapes` has called `weigh` for the second time. */
async function said(name: string, engine: string, stop: string, lines: readonly string[]): Promise<string[]> {
  const { shell, close } = open(await loadModule(join(sources, name)), engine, 'shapes', 3);
  try {
    for (const line of [`break ${stop}`, 'continue', 'continue', 'delete 1']) await shell.execute(line);
    const all: string[] = [];
    for (const line of lines) all.push(await shell.execute(line).catch((error: unknown) => (error as Error).message));
    return all;
  } finally {
    close();
  }
}

const square = '{colour = GREEN, wide = 1, deep = 7, {radius = 7.00649e-45, sides = 5}, scale = 1, next = 0x418, name = "square\\000\\000\\000\\000\\000"}';

describe.each(engines)('variables of C on %s', (engine) => {
  it('are printed as gdb does, in every scope, and may be followed, watched and written', async () => {
    const words: readonly (readonly [string, string | RegExp])[] = [
      ['info locals', /^shape = \(const shape_t \*\) 0x4e8\nfactor = 201 '\\311'\nall = 0\nlocal /],
      ['print *shape', square],
      ['print shape->next->radius * 2 + 1', '6'],
      ['print &shape->name[2]', '0x506 "uare"'],
      ['frame 1', /in shapes: .* at shapes\.c:43$/],
      [
        'info locals',
        /^i = 1\ncount = 3\nchange = \(int \(\*\)\(int\)\) 0x1\ntable = \{\{0, 2, 3\}, \{-1, -2, -3\}\}\ntext = 0x40c "a \\"text\\"\\n"\nisOdd = true\nlocal/,
      ],
      ['print table[1][2] - *text', '-100 (0xffffff9c)'],
      ['print text + 2', '0x40e "\\"text\\"\\n"'],
      ['print zeros', '{1, 0 <repeats 39 times>}'],
      ['print square.colour == 4 && circle.wide == 5', '1 (0x1)'],
      ['print $l0', /^l0 is gone|^1256 |^3 /],
      ['print square.colour == GREEN && BLUE != RED', '1 (0x1)'],
      ['print BLUE', 'BLUE'],
      ['print count == 0 && 1 / (count - 3)', '0 (0x0)'],
      ['print/x square.deep', '0x7'],
      ['print/x table', '{{0x0, 0x2, 0x3}, {0xffff, 0xfffe, 0xfffd}}'],
      ['p/x square.name', '{0x73, 0x71, 0x75, 0x61, 0x72, 0x65, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0}'],
      ['p/d square.colour', '4'],
      ['p/c text[0]', "97 'a'"],
      ['p/t 10', '1010'],
      ['p/z 10', '0x0000000a'],
      ['p/o -1', '037777777777'],
      ['p/f 0x3fc00000', '1.5'],
      ['p/x 1.5', '0x1'],
      ['p/s text', '0x40c "a \\"text\\"\\n"'],
      ['p/a $pc', /^0x[0-9a-f]+ <(weigh|interp\.\w+)\+\d+>$/],
      ['p/q 1', /^'\/q' is no format/],
      ['whatis square.next', 'type = const struct shape *'],
      ['whatis 1', "'1' is no variable of the source"],
      ['x/s text', /^0x[0-9a-f]+ {2}"a \\"text\\"\\n"$/],
      ['x/2s square.name', /^0x[0-9a-f]+ {2}"square"\n0x[0-9a-f]+ {2}""$/],
      ['x/3c text', /^0x[0-9a-f]+ {2}97 'a' {2}32 ' ' {2}34 '"'$/],
      ['x/fg &square.scale', /^0x[0-9a-f]+ {2}1$/],
      ['x/2dh &table[1]', /^0x[0-9a-f]+ {2}-1 {2}-2$/],
      ['x/1ob text', /^0x[0-9a-f]+ {2}0141$/],
      ['x/2i $pc', /^(=>)? +0x[0-9a-f]{8} <(weigh|interp\.\w+)\+\d+> {2}\S.*\n {3}0x[0-9a-f]{8} <(weigh|interp\.\w+)\+\d+> {2}\S.*$/],
      ['x/q text', /^'\/q' is no format/],
      ['down', /^#0 .* in weigh/],
      ['down', 'this is the innermost frame'],
      ['up', /^#1 .* in shapes: .* at shapes\.c:43$/],
      ['up 5', 'no frame has called this one'],
      ['print square', square],
      ['print square.none', 'there is no member none'],
      ['print count.x', 'only structures have members such as x'],
      ['break shapes.c:45 if i == 2 && table[0][0] == 2', /^breakpoint 2/],
      ['continue', /breakpoint 2: shapes.c:45 if/],
      ['delete 2', ''],
      ['info watchpoints', 'no watchpoints'],
      ['watch counter', /^watchpoint w1: writes of counter: 8 bytes at 0x/],
      ['info watchpoints', /^w1 {2}writes of counter: 8 bytes at 0x[0-9a-f]+, 0 hits$/],
      ['continue', /watchpoint w1/],
      ['delete w1', ''],
      ['print counter', /^-\d+$/],
      ['wi', /in shapes/],
      ['set square.deep = -1', /^square.deep is -1/],
      ['set square.radius = 1.5', /^square.radius is 1.5/],
      ['set count = 2', /^count is 2/],
      ['set var count = 2', /^count is 2/],
      ['print square', /wide = 1, deep = -1, \{radius = 1.5, sides = 1069547520\}/],
      ['break shapes.c:26 if number == 2', /^breakpoint 3 at/],
      ['continue', /^ended/],
    ];
    const answers = await said(
      'shapes-O0.wasm',
      engine,
      'shapes.c:29',
      words.map(([word]) => word),
    );
    for (const [index, [word, wanted]] of words.entries())
      if (typeof wanted === 'string') expect([word, answers[index]]).toEqual([word, wanted]);
      else expect([word, answers[index]]).toEqual([word, expect.stringMatching(wanted)]);
  });

  it('functions that are inlined have frames of their own, with the values of lists of locations', async () => {
    const [bt, locals, frame, outer] = await said('shapes-O1-dwarf5.wasm', engine, 'shapes.c:30', ['bt', 'info locals', 'frame 1', 'info locals']);
    expect(bt).toMatch(/^#0 {2}0x[0-9a-f]+ in weigh \(inlined\): .* at shapes\.c:30\n#1 {2}0x[0-9a-f]+ in shapes: .* at shapes\.c:43$/);
    expect(locals).toMatch(/^factor = <optimized out>\nlocal/);
    expect(frame).toMatch(/in shapes: .* at shapes\.c:43$/);
    expect(outer).toMatch(/^i = <optimized out>\ncount = <optimized out>\ntable = \{\{/);
    // It has no code of its own.
    const [there, set, unknown] = await said('shapes-O1-dwarf5.wasm', engine, 'weigh', ['bt', 'break weigh if i == 0', 'break weig']);
    expect(there).toMatch(/^#0 .* in weigh \(inlined\): .* at shapes\.c:\d+\n#1 .* in shapes: .* at shapes\.c:43$/);
    expect(set).toMatch(/^breakpoint 2 at weigh, which is inlined, at 0x[0-9a-f]{8}$/);
    expect(unknown).toContain("function 'weig'");
  });
});

describe('the shell', () => {
  const run = (file: string, commands: readonly string[], ...options: readonly string[]): string => {
    const { status, stdout, stderr } = fireball(['debug', file, '--batch', ...commands.flatMap((command) => ['-e', command]), ...options]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fireball-sources-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('a line without code gives its breakpoint to the next one, and says so; lines of the listing have names, too', () => {
    const said = run(
      join(sources, 'points-O0.wasm'),
      ['break points.c:23', 'break 19 if l0 == 1', 'break points-O0.wat:12', 'info line 23', 'list 11,13'],
      '--invoke',
      'sum=1',
    );
    expect(said).toContain('breakpoint 1 at points.c:24, the next line that has code, at 0x');
    expect(said).toContain('breakpoint 2 at points.c:21, the next line that has code, at 0x');
    expect(said).toContain('breakpoint 3 at points-O0.wat:12, at 0x');
    expect(said).toMatch(/line 23 has no code of its own; line 24 of points\.c: wasm offsets 0x[0-9a-f]{6}\.\./);
    expect(said).toContain('11\tstatic inline int area(const struct point *p) {\n12\t  int width = p->x;\n13\t  return width * p->y;');
  });

  it('functions of C++ have the names that their sources have, and breakpoints on them have parameters set', () => {
    const said = run(
      join(sources, 'figures.wasm'),
      [
        'break Box::area',
        'break area',
        'break figures::larger',
        'continue',
        'continue',
        'info locals',
        'continue',
        'print *this',
        'list larger',
        'break figures.cpp:10',
      ],
      '--invoke',
      'largest=3',
    );
    expect(said).toMatch(/breakpoint 1 at (0x\w+)\n.*break area\nbreakpoint 2 at 0x\w+ and 1 more place\n/);
    expect(said).toMatch(/in figures::Square::area\(\) const: .* at figures\.cpp:10\n[^]*in int figures::larger<int>\(int, int\): .* at figures\.cpp:23\n/);
    expect(said).toContain('{<Figure> = {_vptr$Figure = 0x420}, width = 3, height = 4}');
    expect(said).toContain('\n22\ttemplate <class T> T larger(T a, T b) {\n');
    // On the line of the function's declaration stands its first statement, too.
    const [, square] = /break area\nbreakpoint 2 at (0x\w+)/.exec(said)!;
    expect(said).toContain(`breakpoint 4 at figures.cpp:10, at ${square}`);
  });

  it.each([
    ['points-O0.wasm', 'sum=3', 'area', /^p = \(const struct point \*\) 0x/m],
    ['points-O0-dwarf5.wasm', 'sum=3', 'area', /^p = \(const struct point \*\) 0x/m],
  ])('%s: a breakpoint on a function stops behind what sets up its frame', (module, invoke, name, shown) => {
    expect(run(join(sources, module), [`break ${name}`, 'continue', 'info locals'], '--invoke', invoke)).toMatch(shown);
  });

  it('a line whose code belongs to another one gives its breakpoint to that, above it too', () => {
    const said = run(join(root, 'e2e/firmware/debug/sample-rv32.elf'), ['break sample.c:44', 'info line 44', 'break sample.c:45'], '--board', 'virt-rv32');
    expect(said).toContain('breakpoint 1 at sample.c:43, whose code line 44 shares, at 0x800001ce\n');
    expect(said).toContain('line 44 has no code of its own; line 43 of sample.c: ');
    expect(said).toContain('breakpoint 2 at sample.c:51, the next line that has code, at 0x80000000');
  });

  it('a file that is not here is said, and where files are can be told', () => {
    const module = join(folder, 'moved.wasm');
    writeFileSync(module, readFileSync(join(sources, 'points-O0.wasm')));
    const commands = ['break points.c:28', 'continue'];
    expect(run(module, commands, '--invoke', 'sum=1')).toContain('28\t(/build/points.c is not here: set substitute-path FROM TO)');
    expect(run(module, commands, '--invoke', 'sum=1', '--substitute-path', `/build=${sources}`)).toContain('28\t  return all;');
    expect(run(module, [`set substitute-path /build/ ${sources}`, ...commands], '--invoke', 'sum=1')).toContain('28\t  return all;');
    expect(fireball(['debug', module, '--invoke', 'sum=1', '--batch', '--substitute-path', '/build']).stderr).toContain("'/build' is not FROM=TO");
  });

  it('a module with broken debug information is debugged without it, behind one warning', () => {
    const bytes = readFileSync(join(sources, 'points-O0.wasm'));
    const at = bytes.indexOf('.debug_line') + '.debug_line'.length;
    bytes.fill(0xff, at + 2, at + 40);
    const module = join(folder, 'broken.wasm');
    writeFileSync(module, bytes);
    const said = run(module, ['break sum', 'continue', 'step'], '--invoke', 'sum=1');
    expect(said).toMatch(/^warning: debug information that cannot be read is left out: \.debug_line, offset 0x0: .*\n\(fireball\) break sum/);
    expect(said).not.toContain('points.c');
  });

  it('Rust, and a program with a library whose sources are not here', () => {
    expect(run(join(sources, 'area.wasm'), ['break area.rs:16', 'continue', 'continue', 'bt'], '--invoke', 'areas=4')).toMatch(
      /16\t {8}self\.width \* self\.height\n[^]*in area \(inlined\): .* at area\.rs:16\n#1 .* in areas: .* at area\.rs:25\n$/,
    );
    const said = run(join(sources, 'words.wasm'), ['break words.c:25', 'continue', 'bt', 'next', 'next'], '--', 'a', 'b c');
    expect(said).toMatch(/#0 .* in main: .* at words\.c:25\n[^]*in _start: .* at crt1-command\.c:\d+\n/);
    expect(said).toContain('more\n');
  });
});
