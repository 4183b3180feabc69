import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { compileFunction, functionSource, loadTemplates, type LinkEnvironment } from '@fireball/jit';
import { coreHeader, coreObject, coreSource, defaultCpu, type CoreImage, type VsocValue } from '@fireball/vsoc';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import { loopsOf } from './native.js';

const example = fileURLToPath(new URL('../../../examples/compiler-in-firmware/', import.meta.url));

/** What makes firmware for a board that QEMU has, too. */
interface Toolchain {
  readonly command: string;
  readonly flags: readonly string[];
  readonly script: string;
  readonly start: string;
  readonly board: string;
  readonly ram: number;
}

export const toolchains: Readonly<Record<Isa, Toolchain>> = {
  thumb2: {
    command: 'arm-none-eabi-gcc',
    flags: ['-mcpu=cortex-m4', '-mthumb'],
    script: 'memory-mps2-an386.ld',
    start: 'start-thumb2.S',
    board: 'mps2-an386',
    ram: 0x2100_0000,
  },
  rv32: {
    command: 'riscv64-unknown-elf-gcc',
    flags: ['-march=rv32imc', '-mabi=ilp32', '-mcmodel=medany'],
    script: 'memory-virt.ld',
    start: 'start-rv32.S',
    board: 'virt-rv32',
    ram: 0x8200_0000,
  },
};
const flags = ['-std=c11', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-nostdlib', '-Wl,--fatal-warnings', '-Wl,--build-id=none'];

/** A module of the example. */
export function exampleModule(name: string): ValidatedModule {
  return validateModule(decodeModule(new Uint8Array(readFileSync(join(example, name)))));
}

interface Firmware {
  /** The linked firmware, with the compiler in a file of that kind. */
  readonly link: (isa: Isa, image: CoreImage, kind: 'o' | 'c') => string;
  readonly remove: () => void;
}

/** Links the example's firmware of these sources, in a folder that `remove` removes. */
export function newFirmware(sources: readonly string[], module: string): Firmware {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-core-'));
  return {
    link: (isa, image, kind) => {
      const { command, flags: own, script, start, ram } = toolchains[isa];
      const core = join(folder, `core.${kind}`);
      writeFileSync(core, kind === 'o' ? coreObject(image) : coreSource(image, 'core.h'));
      writeFileSync(join(folder, 'core.h'), coreHeader(image, defaultCpu[isa], { base: ram, size: 0x10_0000 }));
      const output = join(folder, `${isa}-${kind}.elf`);
      const files = [`-DMODULE="${module}"`, start, 'module.S', 'console.c', ...sources, core];
      const { status, stderr } = spawnSync(command, [...own, ...flags, '-I', folder, '-T', script, ...files, '-lgcc', '-o', output], {
        cwd: example,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      return output;
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** A number as the firmware prints it. */
function hex(value: number | bigint, digits: number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16).padStart(digits, '0')}`;
}

/** A value as the firmware prints it. */
export function printedResult({ type, value }: VsocValue): string {
  return type === 'i64' || type === 'f64' ? hex(value, 16) : hex(Number(value) >>> 0, 8);
}

/** Ways to choose so many of the items. */
function choices<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, index) => choices(items.slice(index + 1), count - 1).map((others) => [item, ...others]));
}

/** What the host makes of a function where the firmware has put it, as the firmware says it in this line; where it can be entered at loops, the firmware says at how many. */
export function placedCode(module: ValidatedModule, index: number, line: string, isa: Isa, environment: LinkEnvironment): string {
  const entry = module.functions.find((candidate) => candidate.index === index)!;
  const address = Number(/ at (0x[0-9a-f]+)/.exec(line)![1]);
  const { boundsRoutine } = environment.memory!;
  const entries = [{ begin: boundsRoutine, end: boundsRoutine + 0x100 }];
  const entered = Number(/ loops: (0x[0-9a-f]+)/.exec(line)?.[1] ?? 0);
  const made = choices(loopsOf(entry), entered).map((osrLoops) =>
    compileFunction(functionSource(module, entry), loadTemplates(isa), environment, { osrLoops }).linkAt(address, entries),
  );
  const { bytes, crc } = made.find((code) => line.includes(hex(code.crc, 8))) ?? made[0]!;
  const atLoops = entered === 0 ? '' : `, to be entered at loops: ${hex(entered, 8)}`;
  return `function ${hex(index, 8)}: ${hex(bytes.length, 8)} bytes at ${hex(address, 8)}, CRC-32 ${hex(crc, 8)}${atLoops}`;
}
