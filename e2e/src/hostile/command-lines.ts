import { boardNames } from '@fireball/emulator';
import type { Random } from '@fireball/engines';
import { cores } from '@fireball/jit';
import type { FileKind, HostileFiles } from './files.js';

// Command lines as nobody should type them, over every command. What takes long by its nature (all benches, many fuzz cases, endless
// programs) is kept short by options that a command has for that.

type Value = (random: Random, files: HostileFiles) => string;
type Options = Readonly<Record<string, Value | null>>;

const oddNumbers = ['0', '1', '-1', '1.5', '', 'x', '1e9', '4294967296', '9007199254740993', 'NaN', '0x10', ' 7', '1000000000000'] as const;
const oddTexts = ['', '=', ',', ':', '\0', '\u001b[31m', '__proto__', 'constructor', 'a=b=c', '🔥', '--json', '../..', '%s%n'] as const;

const file =
  (kind: FileKind): Value =>
  (_random, files) =>
    files.path(kind);
/** Mostly one of `good`, else something odd. */
const oneOf =
  (...good: readonly string[]): Value =>
  (random) =>
    random.chance(94) ? random.pick(good) : random.pick(oddTexts);
const number =
  (...good: readonly string[]): Value =>
  (random) =>
    random.chance(85) ? random.pick(good) : random.pick(oddNumbers);
/** Numbers that mean work: odd ones only where they are refused or small. */
const smallNumber =
  (...good: readonly string[]): Value =>
  (random) =>
    random.chance(94) ? random.pick(good) : random.pick(['0', '-1', 'x', '', '1.5', 'NaN'] as const);

const engineNames = ['interp', 'v8', 'thumb2', 'rv32', 'vsoc-interp-thumb2', 'vsoc-interp-rv32', 'vsoc-thumb2', 'vsoc-rv32'] as const;
const engine = oneOf(...engineNames);
const engines: Value = (random) =>
  Array.from({ length: random.between(1, 3) }, () => (random.chance(95) ? random.pick(engineNames) : random.pick(oddTexts))).join(',');

const code: Options = {
  '--templates': file('templates'),
  '--cpu': oneOf(...Object.keys(cores.thumb2), ...Object.keys(cores.rv32), 'cortex-m4,rv32imc', 'cortex-m3,cortex-m4'),
  '--verify': oneOf('structural', 'deep', 'no'),
  '--misaligned': oneOf('hw', 'split', 'trap'),
};
const watched: Options = { '--sandbox': null, '--safepoints': null };
const mixed: Options = {
  '--hot': oneOf('1,1', '0,0', '64,128', '1', '1,2,3', '-1,1'),
  '--budget': number('16384', '4096', '100', '1'),
  '--workers': number('1', '2', '3'),
  '--worker': oneOf('device', 'host', 'nobody'),
  '--worker-memory': oneOf('1M', '128K', '64K', '32M', '1'),
  '--worker-core': oneOf('own', 'shared', 'none'),
  '--worker-share': oneOf('75,2000', '1,1', '100,1', '0,10', '5'),
  '--compile-cost': number('0', '10', '100000'),
  '--audit': number('1000', '100000', '1'),
  '--inject': oneOf('missing-template', 'checksum:2', 'abort:1', 'x:1', 'abort:-1', 'missing-template,abort'),
};
const pages: Options = { '--max-pages': number('1', '16', '1024', '65536') };
const world: Options = {
  '--env': oneOf('A=B', 'A', '=B'),
  '--dir': (random, files) => `${files.path('folder')}::${random.pick(['/', 'data', '', '..', '/a/b'])}`,
};
const invoke = oneOf('run', 'run=1', 'run=1,2', 'f', 'f=0x7fffffff', 'f=nan,inf', 'nothing', 'run=x', '_start');
const common: Options = { '--json': null, '--verbose': null };

interface Shape {
  readonly words: readonly string[];
  readonly positional: readonly Value[];
  /** Always given. */
  readonly needed?: Options;
  readonly options: Options;
  /** How often, among all. */
  readonly weight: number;
}

/** Of firmware on a board: everything but what would wait for somebody. */
const firmware: Options = {
  '--load': (random, files) => `${files.path('firmware')}@${random.pick(['0', '0x20000000', '0x08000000', 'x', '0xffffffff', '-1'] as const)}`,
  '--base': oneOf('0', '0x08000000', '0x20000000', '0xfffffff0'),
  '--serial': oneOf('uart0=null', 'uart=null', 'usart1=null', 'uart0=tcp:99999', 'uart0', 'x=null', 'uart0=file:'),
  '--semihosting-dir': file('folder'),
  '--no-semihosting': null,
  '--args': oneOf('a b', ''),
  '--svd': file('svd'),
  '--unmapped': oneOf('fault', 'log', 'zero', 'x'),
  '--until': oneOf('hello', 'never'),
  '--max-virtual-time': number('0.001', '0.1', '1'),
  '--trace': oneOf('mmio', 'interrupts'),
  '--trace-file': file('output'),
  '--report': file('output'),
};

const fuel: Options = { '--fuel': smallNumber('1', '1000', '20000') };

const shapes: readonly Shape[] = [
  {
    weight: 30,
    words: ['run'],
    positional: [file('module')],
    needed: { '--engine': engine, ...fuel },
    options: { ...code, ...watched, ...mixed, ...pages, ...world, '--invoke': invoke, '--seed': number('1'), '--imports': file('imports') },
  },
  {
    weight: 20,
    words: ['diff'],
    positional: [file('module')],
    needed: { '--engines': engines, ...fuel, '--calls': smallNumber('1', '2') },
    options: {
      ...code,
      ...watched,
      ...mixed,
      ...pages,
      ...world,
      '--invoke': invoke,
      '--seed': number('1'),
      '--imports': file('imports'),
      '--explain': null,
      '--max-inconclusive': number('0', '50', '100'),
    },
  },
  {
    weight: 20,
    words: ['compile'],
    positional: [file('module')],
    options: {
      ...code,
      '--target': oneOf('thumb2', 'rv32'),
      '--disassemble': null,
      '-o': file('output'),
      '--invoke': invoke,
      '--rom': oneOf('0:512K', '0x08000000:512K', '0:0', 'x', '0xffffffff:1M', '0:99999M'),
      '--ram': oneOf('0x20000000:128K', '0x20000000:1', '0:1M', '0x20000001:64K', '0xfffff000:1M'),
      '--stack': number('1', '8192', '1000000000'),
    },
  },
  {
    weight: 12,
    words: ['emulate'],
    positional: [file('image')],
    needed: { '--machine': oneOf('vsoc-thumb2', 'vsoc-rv32'), '--fuel': smallNumber('1', '1000', '10000') },
    options: { ...code, ...watched, ...mixed, ...pages, '--report': file('output') },
  },
  {
    weight: 14,
    words: ['emulate'],
    positional: [file('firmware')],
    needed: { '--machine': oneOf(...boardNames()), '--max-instructions': smallNumber('1', '1000', '50000') },
    options: firmware,
  },
  {
    weight: 4,
    words: ['emulate'],
    positional: [file('firmware')],
    needed: { '--board': file('board'), '--max-instructions': smallNumber('1', '1000', '50000') },
    options: firmware,
  },
  { weight: 2, words: ['machines'], positional: [oneOf(...boardNames())], options: common },
  { weight: 2, words: ['machines'], positional: [file('board')], options: common },
  {
    weight: 3,
    words: ['spec'],
    positional: [file('script')],
    needed: { '--engines': engines, ...fuel, '--jobs': smallNumber('1') },
    options: { ...code, ...watched, ...mixed },
  },
  {
    weight: 1,
    words: ['fuzz'],
    positional: [],
    needed: { '--runs': smallNumber('1', '2'), '--jobs': smallNumber('1'), ...fuel, '--corpus': file('folder') },
    options: {
      ...mixed,
      ...pages,
      '--cpu': code['--cpu']!,
      '--templates': file('templates'),
      '--engines': engines,
      '--seed': number('1'),
      '--features': oneOf('full', 'mvp', 'x'),
      '--timeout': smallNumber('5'),
    },
  },
  { weight: 4, words: ['templates', 'list'], positional: [], needed: { '--templates': file('templates') }, options: { '--target': oneOf('thumb2', 'rv32') } },
  {
    weight: 3,
    words: ['templates', 'show'],
    positional: [oneOf('mov_rr', 'none', 'addi')],
    options: { '--templates': file('templates'), '--target': oneOf('thumb2', 'rv32') },
  },
  {
    weight: 4,
    words: ['templates', 'pack'],
    positional: [],
    options: { '--templates': file('templates'), '--target': oneOf('thumb2', 'rv32'), '-o': file('output') },
  },
  { weight: 1, words: ['templates', 'check'], positional: [], needed: { '--templates': file('templates'), '--target': oneOf('thumb2', 'rv32') }, options: {} },
  { weight: 1, words: ['templates', 'build'], positional: [file('folder')], needed: { '-o': file('output') }, options: { '--no-check': null } },
  { weight: 2, words: ['demo'], positional: [], needed: { '--kernels': file('kernels'), ...fuel }, options: { ...code, ...watched, ...mixed, ...pages } },
  {
    weight: 2,
    words: ['bench', 'kernels'],
    positional: [],
    needed: { '--kernels': file('kernels'), '--page': file('output'), ...fuel },
    options: { ...code, ...watched, ...mixed, ...pages, '--check': null },
  },
  { weight: 3, words: ['bench', 'modules'], positional: [file('module')], needed: { '--passes': smallNumber('1') }, options: { '--page': file('output') } },
  { weight: 1, words: ['bench', 'cycles'], positional: [], needed: { '--kernels': file('folder'), '--page': file('output') }, options: {} },
  ...['acceptance', 'budget', 'core', 'device-compile'].map((name): Shape => ({
    weight: 1,
    words: ['bench', name, '--none'],
    positional: [],
    options: common,
  })),
  ...[[], ['--help'], ['--version'], ['none'], ['templates'], ['bench'], ['test', '--help'], ['--', 'run'], ['help']].map((words): Shape => ({
    weight: 1,
    words,
    positional: [],
    options: common,
  })),
];

/** One command line, and the files that it names. */
export function hostileCommandLine(random: Random, files: HostileFiles): string[] {
  const shape = random.pick(shapes.flatMap((each) => Array<Shape>(each.weight).fill(each)));
  const given = (options: Options, percent: number): string[] =>
    Object.entries(options).flatMap(([name, value]) => (random.chance(percent) ? (value === null ? [name] : [name, value(random, files)]) : []));
  const args = [
    ...shape.words,
    ...shape.positional.map((value) => value(random, files)),
    ...given(shape.needed ?? {}, 100),
    ...given({ ...shape.options, ...common }, 8),
  ];
  // Now and then something out of place.
  if (random.chance(5)) args.splice(random.below(args.length + 1), 0, random.pick([...oddTexts, '--none', '--json=1', '--engine', '7'] as const));
  return args;
}
