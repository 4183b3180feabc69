import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@fireball/engines';
import { root } from '../testing/fireball.js';
import { mutateBytes, mutateJson, mutateText } from './mutants.js';

/** What an argument stands for. */
export type FileKind = 'module' | 'script' | 'image' | 'templates' | 'sources' | 'imports' | 'kernels' | 'firmware' | 'board' | 'svd' | 'output' | 'folder';

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const readBytes = (...path: string[]): Uint8Array => new Uint8Array(readFileSync(join(root, ...path)));

const binaries = [
  ...['fib', 'crc32', 'vm', 'sieve'].map((name) => readBytes('packages/kernels/data/wasm', `${name}.wasm`)),
  ...['floats', 'status', 'trap', 'words'].map((name) => readBytes('e2e/wasi/wasm', `${name}.wasm`)),
];
const images = ['thumb2', 'rv32'].map((isa) => readBytes('vsoc/guest/firmware/generated', `${isa}.elf`));
const firmware = ['microbit/hello', 'mps2-an385/interrupts', 'stm32vldiscovery/faults', 'netduinoplus2/context', 'sifive-e/hello', 'virt-rv64/interrupts'].map(
  (name) => readBytes('e2e/firmware/images', `${name}.elf`),
);
/** Of the other forms of firmware files. */
const firmwareTexts = [
  ':020000040800F2\n:100000000010002009000008FEE70000000000000000CA\n:0400000508000009E6\n:00000001FF\n',
  'S0030000FC\nS30D080000000010002009000008B1\nS70508000009E9\n',
  '@8000\n31 40 00 03 FF 3F\nq\n',
];
const boards = ['microbit', 'mps2-an386', 'sifive-e'].map((name) => read('emulator/boards', `${name}.yaml`));
const svd = `<?xml version="1.0"?>
<device><name>CHIP</name><size>32</size><access>read-write</access><peripherals>
<peripheral><name>UART%s</name><dim>2</dim><dimIncrement>0x1000</dimIncrement><baseAddress>0x40004000</baseAddress>
<addressBlock><offset>0</offset><size>0x400</size><usage>registers</usage></addressBlock><registers>
<register><name>CR</name><addressOffset>0</addressOffset><resetValue>0x83</resetValue><fields>
<field><name>RDY</name><bitOffset>17</bitOffset><bitWidth>1</bitWidth><access>read-only</access></field>
<field><name>MODE</name><bitRange>[3:0]</bitRange><modifiedWriteValues>oneToClear</modifiedWriteValues></field></fields></register>
<cluster><name>CH[%s]</name><dim>4</dim><dimIncrement>8</dimIncrement><dimIndex>A-D</dimIndex><addressOffset>0x20</addressOffset>
<register><name>DATA</name><addressOffset>0</addressOffset></register><register derivedFrom="DATA"><name>NEXT</name><addressOffset>4</addressOffset></register></cluster>
</registers></peripheral>
<peripheral derivedFrom="UART%s"><name>TIMER</name><baseAddress>0x40008000</baseAddress></peripheral>
</peripherals></device>
`;
const isas = ['thumb2', 'rv32'] as const;
const templateSets = isas.map((isa) => read('jit/templates/generated', `${isa}.json`));
const templateSources = isas.map((isa) => read('jit/templates', isa, 'alu.S'));

const words = JSON.stringify({ others: 'zero', answers: { 'env.f': [1, 'trap', [2, '0x7']], 'env.g': '3' } });
const gcc = { 'gcc-O0': { instructions: 9, bytes: 9 }, 'gcc-O2': { instructions: 1, bytes: 2 } };
const baselines = JSON.stringify({ fib: { checksum: '0000b520', thumb2: gcc, rv32: gcc } });
const scriptText = `(module $m (memory 1) (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export "t") unreachable))
(assert_return (invoke "f" (i32.const 7)) (i32.const 8)) (assert_trap (invoke "t") "unreachable") (register "m" $m)
(assert_invalid (module (func (result i32))) "type mismatch") (assert_malformed (module quote "(func") "unexpected end")`;
const scriptJson = JSON.stringify({
  source_filename: 'a.wast',
  commands: [
    { type: 'module', line: 1, filename: 'a.0.wasm' },
    { type: 'assert_return', line: 2, action: { type: 'invoke', field: 'run', args: [] }, expected: [{ type: 'i32', value: '46368' }] },
    { type: 'assert_trap', line: 3, action: { type: 'invoke', field: 'none', args: [{ type: 'i64', value: '1' }] }, text: 'unreachable' },
    { type: 'register', line: 4, as: 'x' },
  ],
});

/** Writes what hostile command lines name: mutants of good inputs, and what is no proper file at all. */
export class HostileFiles {
  private count = 0;

  /** @param texts modules in the text format that mutants are made of */
  constructor(
    private readonly folder: string,
    private readonly random: Random,
    private readonly texts: readonly string[],
  ) {}

  /** A path for an argument of this kind; about one in twelve is odd. */
  path(kind: FileKind): string {
    const { random } = this;
    if (random.chance(8)) return this.oddPath();
    switch (kind) {
      case 'module':
        return this.module();
      case 'script':
        return random.chance(50) ? this.write('a.wast', this.text(scriptText)) : this.jsonScript();
      case 'image':
        return this.write('a.elf', this.bytes(random.pick(images)));
      case 'templates':
        return this.holder((isa, index) => [`${isa}.json`, this.json(templateSets[index]!)]);
      case 'sources':
        return this.holder((isa, index) => [`${isa}/alu.S`, this.text(templateSources[index]!)]);
      case 'imports':
        return random.chance(30) ? random.pick(['zero', 'seeded', 'trap', 'none'] as const) : this.write('imports.json', this.json(words));
      case 'kernels': {
        const path = this.holder((_isa, index) => (index === 0 ? ['baselines.json', this.json(baselines)] : ['wasm/fib.wasm', this.bytes(binaries[0]!)]));
        return path;
      }
      case 'firmware':
        return random.chance(75) ? this.write('a.elf', this.bytes(random.pick(firmware))) : this.write('a.hex', this.text(random.pick(firmwareTexts)));
      case 'board':
        return this.write('a.yaml', this.text(random.pick(boards)));
      case 'svd':
        return this.write('a.svd', this.text(svd));
      case 'output':
        return join(this.next(), 'written');
      case 'folder':
        return this.next();
    }
  }

  private module(): string {
    const { random } = this;
    return random.chance(60) ? this.write('a.wat', this.text(random.pick(this.texts))) : this.write('a.wasm', this.bytes(random.pick(binaries)));
  }

  private jsonScript(): string {
    const path = this.write('a.json', this.json(scriptJson));
    writeFileSync(join(path, '..', 'a.0.wasm'), this.bytes(binaries[0]!));
    return path;
  }

  private holder(content: (isa: string, index: number) => [name: string, content: string | Uint8Array]): string {
    const folder = this.next();
    isas.forEach((isa, index) => {
      const [name, text] = content(isa, index);
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    });
    return folder;
  }

  /** Some inputs stay as they are, so that faults of options alone are found too. */
  private bytes(good: Uint8Array): Uint8Array {
    return this.random.chance(35) ? good : mutateBytes(this.random, good);
  }
  private text(good: string): string {
    return this.random.chance(35) ? good : mutateText(this.random, good);
  }
  private json(good: string): string {
    return this.random.chance(35) ? good : mutateJson(this.random, good);
  }

  private next(): string {
    const folder = join(this.folder, `${this.count++}`);
    mkdirSync(folder);
    return folder;
  }

  private write(name: string, content: string | Uint8Array): string {
    const path = join(this.next(), name);
    writeFileSync(path, content);
    return path;
  }

  /** Paths of what is no regular file, or not to be read or written. */
  private oddPath(): string {
    const folder = this.next();
    const path = join(folder, 'odd.wasm');
    const kinds: readonly (() => string)[] = [
      () => path,
      () => folder,
      () => '/dev/zero',
      () => '/dev/full',
      () => '/proc/self/mem',
      () => '/proc/self/cmdline',
      () => '',
      () => '-',
      () => `${'x'.repeat(300)}.wasm`,
      () => '/dev/null/below',
      () => join(folder, 'line\nbreak\u001b[2J.wat'),
      () => {
        execFileSync('mkfifo', [path]);
        return path;
      },
      () => {
        symlinkSync('nowhere', path);
        return path;
      },
      () => {
        symlinkSync('odd.wasm', path);
        return path;
      },
      () => {
        symlinkSync('.', join(folder, 'itself'));
        return folder;
      },
      () => this.write('empty.wasm', ''),
      () => this.write('zeros.wasm', new Uint8Array(1 << 20)),
      () => this.write('brackets.wat', '('.repeat(1 << 16)),
    ];
    return this.random.pick(kinds)();
  }
}
