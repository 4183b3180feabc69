import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { trapKinds } from '@fireball/jit';
import { createVsoc, Firmware, firmwareErrors, jitStatus, systemCallNumbers, type SystemCallName, type Vsoc } from '../../index.js';
import { moduleOfText, targets } from '../../testing/module.js';

const folder = new URL('../../../guest/firmware/', import.meta.url);
const fileOf = (name: string): string => fileURLToPath(new URL(name, folder));
const textOf = (name: string): string => readFileSync(fileOf(name), 'utf8');

/** `svc 0` and `ecall`, wherever the sample firmware has one. */
const callInstruction = { thumb2: [0x00, 0xdf], rv32: [0x73, 0, 0, 0] } as const;
const registers = {
  thumb2: { number: 'r12', words: ['r0', 'r1', 'r2', 'r3'] },
  rv32: { number: 't2', words: ['a0', 'a1', 'a2', 'a3'] },
} as const;
const ram = 0x2100_0000;
const nowhere = 0x7000_0000;

interface Bench {
  readonly vsoc: Vsoc;
  readonly output: string[];
  /** Makes a system call as firmware does; the answer is the first register. */
  readonly call: (name: SystemCallName, ...args: number[]) => number;
  /** Puts bytes into the firmware's RAM. */
  readonly put: (bytes: Uint8Array, address?: number) => void;
  /** Loads a module in the text format; its handle. */
  readonly load: (text: string) => number;
}

function withFirmware(isa: (typeof targets)[number], use: (bench: Bench) => void): void {
  const vsoc = createVsoc({ isa, tier: 'mixed' });
  try {
    const output: string[] = [];
    const image = readFileSync(fileOf(`generated/${isa}.elf`));
    const { firmware } = vsoc.map;
    const offset = image.indexOf(Buffer.from(callInstruction[isa]), 0x1000);
    const site = (firmware?.flash.base ?? 0) + offset - 0x1000;
    const loaded = new Firmware(vsoc, image, { console: (bytes) => output.push(new TextDecoder().decode(bytes)) });
    const put = (bytes: Uint8Array, address = ram): void => {
      loaded.memory.view(address, bytes.length)?.set(bytes);
    };
    const call = (name: SystemCallName, ...args: number[]): number => {
      const { number, words } = registers[isa];
      vsoc.cpu.writeRegister(number, systemCallNumbers[name]);
      args.forEach((arg, index) => vsoc.cpu.writeRegister(words[index] ?? '', arg | 0));
      expect(vsoc.execution.advance(site, 1).reason).toEqual({ kind: 'budget' });
      return vsoc.cpu.readRegister(words[0]) | 0;
    };
    const load = (text: string): number => {
      const { bytes } = moduleOfText(text).module;
      put(bytes);
      return call('wasm_load', ram, bytes.length);
    };
    use({ vsoc, output, call, put, load });
  } finally {
    vsoc.close();
  }
}

const program = `(module
  (func (export "divide") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "mix") (param i32 f32 f64) (result f64 i32 f32) (local.get 2) (local.get 0) (local.get 1))
  (func (export "stop") unreachable)
  (global (export "number") i32 (i32.const 1)))`;

describe.each(targets)('system calls of firmware on %s', (isa) => {
  it('write to the console what is memory, and nothing else', () => {
    withFirmware(isa, ({ call, put, output }) => {
      put(new TextEncoder().encode('hello'));
      expect(call('console_write', ram, 5)).toBe(5);
      for (const [address, length] of [
        [nowhere, 1],
        [ram, 0x1_0001],
        [ram + 0xffff, 2],
        [-1, 2],
        [ram, -1],
      ] as const) {
        expect(call('console_write', address, length)).toBe(firmwareErrors['bad address']);
      }
      expect(output).toEqual(['hello']);
    });
  });

  it('find and call functions, values in eight bytes each', () => {
    withFirmware(isa, ({ vsoc, call, put, load }) => {
      const handle = load(program);
      expect(handle).toBe(1);
      put(new TextEncoder().encode('mix'));
      expect(call('wasm_export', handle, ram, 3)).toBe(1);
      const words = new DataView(new ArrayBuffer(24));
      words.setInt32(0, -7, true);
      words.setFloat32(8, 1.5, true);
      words.setFloat64(16, -0.1, true);
      put(new Uint8Array(words.buffer));
      expect(call('wasm_call', handle, 1, ram, ram + 64)).toBe(0);
      const results = new Uint8Array(24);
      results.set(vsoc.firmware?.memory.view(ram + 64, 24) ?? []);
      const view = new DataView(results.buffer);
      expect([view.getFloat64(0, true), view.getBigUint64(8, true), view.getFloat32(16, true)]).toEqual([-0.1, 0xffff_fff9n, 1.5]);
    });
  });

  it('answer with the kind of a trap', () => {
    withFirmware(isa, ({ call, put, load }) => {
      const handle = load(program);
      put(new Uint8Array(16));
      expect(call('wasm_call', handle, 0, ram, ram)).toBe(1 + trapKinds.indexOf('integer divide by zero'));
      expect(call('wasm_call', handle, 2, 0, 0)).toBe(1 + trapKinds.indexOf('unreachable'));
    });
  });

  it('refuse modules, functions and addresses that are not there', () => {
    withFirmware(isa, ({ call, put, load }) => {
      put(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0));
      expect(call('wasm_load', ram, 8)).toBe(firmwareErrors['bad module']);
      expect(call('wasm_load', nowhere, 8)).toBe(firmwareErrors['bad address']);
      expect(load('(module (import "a" "b" (func)))')).toBe(firmwareErrors['bad import']);
      expect(load('(module (func $f unreachable) (start $f))')).toBe(firmwareErrors['bad module']);
      const handle = load(program);
      put(new TextEncoder().encode('number'));
      expect(call('wasm_export', handle, ram, 6)).toBe(firmwareErrors['no such function']);
      expect(call('wasm_export', handle, nowhere, 6)).toBe(firmwareErrors['bad address']);
      expect(call('wasm_call', handle, 0, nowhere, ram)).toBe(firmwareErrors['bad address']);
      expect(call('wasm_call', handle, 0, ram, nowhere)).toBe(firmwareErrors['bad address']);
      for (const name of ['wasm_call', 'jit_hint', 'jit_compile', 'jit_lookup', 'jit_invalidate'] as const) {
        expect(call(name, handle + 1, 0)).toBe(firmwareErrors['no such module']);
        expect(call(name, 0, 0)).toBe(firmwareErrors['no such module']);
        expect(call(name, handle, 3)).toBe(firmwareErrors['no such function']);
      }
    });
  });

  it('reach the compiler', () => {
    withFirmware(isa, ({ vsoc, call, load }) => {
      const handle = load(program);
      expect(call('jit_lookup', handle, 0)).toBe(jitStatus.interpreted);
      expect(call('jit_hint', handle, 0)).toBe(jitStatus.compiling);
      expect(call('jit_compile', handle, 0)).toBe(jitStatus.native);
      expect(call('jit_stats', 1)).toBe(1);
      expect(call('clock')).toBe(vsoc.execution.now | 0);
      expect(call('jit_invalidate', handle, 0)).toBe(1);
      expect(call('jit_disable')).toBe(1);
      expect(call('jit_enable')).toBe(0);
    });
  });
});

describe('the system calls are the same', () => {
  const numbers = Object.entries(systemCallNumbers);

  it('in SYSCALLS.md', () => {
    const rows = [...textOf('../../SYSCALLS.md').matchAll(/^\| (0x[0-9a-f]+) \| `(\w+)` \|/gm)].map(([, number, name]) => [name, Number(number)]);
    expect(rows).toEqual(numbers);
  });

  it('in fireball.h', () => {
    const rows = [...textOf('fireball.h').matchAll(/^ {2}FB_(\w+) = (0x[0-9a-f]+),$/gm)].map(([, name, number]) => [name?.toLowerCase(), Number(number)]);
    expect(rows).toEqual(numbers);
  });

  it('and the sample carries the module of its text', () => {
    expect(moduleOfText(textOf('sample.wat')).module.bytes).toEqual(new Uint8Array(readFileSync(fileOf('sample.wasm'))));
  });
});
