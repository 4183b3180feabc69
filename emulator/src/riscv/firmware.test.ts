import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readImage } from '@fireball/image';
import { loadBoard } from '../board-file.js';
import { createProcessor } from '../machine/cores.js';
import { Machine } from '../machine/machine.js';
import type { MachineEnd } from '../machine/machine-end.js';
import type { MachineSnapshot } from '../machine/snapshot.js';

/** Debian's packages u-boot-qemu and opensbi. */
const uBoot = '/usr/lib/u-boot/qemu-riscv64/u-boot.bin';
const supervisorUBoot = '/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin';
const openSbi = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin';
const ramBase = 0x8000_0000;

/** A test of images that Debian has; the name of a skipped one says what is missing. */
function withImages(name: string, files: readonly string[], test: () => Promise<void>): void {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) it(name, test);
  else it.skip(`${name} (skipped: ${missing.join(', ')} of Debian's u-boot-qemu and opensbi is not there)`, test);
}

class Board {
  console = '';
  end: MachineEnd | undefined;
  private constructor(readonly machine: Machine) {
    machine.serial('uart0').onOutput = (byte) => {
      this.console += String.fromCharCode(byte);
      // Any key.
      if (/autoboot: {2}\d $/.test(this.console)) machine.serial('uart0').type(' ');
    };
  }

  static async boot(images: readonly { readonly file: string; readonly base: number }[]): Promise<Board> {
    const { board, deviceClass } = await loadBoard('virt-rv64');
    const machine = new Machine({ board, deviceClass, createProcessor });
    for (const { file, base } of images) machine.load(readImage(readFileSync(file), { base, format: 'raw' }));
    machine.reset();
    return new Board(machine);
  }

  /** What the console says up to a text; a million instructions a piece, at most 100 of them. */
  until(text: string): string {
    this.console = '';
    for (let piece = 0; piece < 100 && this.end === undefined && !this.console.includes(text); piece++) {
      const end = this.machine.run({ instructions: 1_000_000 });
      if (end.kind !== 'limit') this.end = end;
    }
    return this.console;
  }

  command(line: string, answer = '=> '): string {
    this.machine.serial('uart0').type(`${line}\n`);
    return this.until(answer);
  }
}

describe('firmware of others on virt-rv64', () => {
  withImages('U-Boot in machine mode: prompt, commands, reset, power off', [uBoot], async () => {
    const board = await Board.boot([{ file: uBoot, base: ramBase }]);
    const banner = board.until('=> ');
    expect(banner).toMatch(/^\r?\n\r?\nU-Boot 20\d\d/);
    expect(banner).toContain('Model: riscv-virtio,virt-rv64');
    expect(banner).toContain('DRAM:  128 MiB');
    expect(banner).toContain('Flash: 32 MiB');
    expect(board.command('printenv board')).toContain('board=qemu-riscv');
    const image = readFileSync(uBoot);
    expect(board.command('crc32 80000000 100')).toContain(`==> ${crc32(image.subarray(0, 0x100)).toString(16).padStart(8, '0')}`);
    const words = [0, 4, 8, 12].map((at) => image.readUInt32LE(at).toString(16).padStart(8, '0')).join(' ');
    expect(board.command('md 80000000 4')).toContain(`80000000: ${words}`);
    expect(board.command('fdt addr $fdtcontroladdr; fdt print /soc/serial@10000000')).toContain('compatible = "ns16550a"');
    expect(board.command('reset')).toContain('U-Boot 20');
    board.command('poweroff');
    expect(board.end).toMatchObject({ kind: 'power-off', status: 0 });
    board.machine.close();
  });

  withImages('U-Boot: slices of 1, 777 and a million instructions change nothing', [uBoot], async () => {
    const { machine } = await Board.boot([{ file: uBoot, base: ramBase }]);
    const begin = machine.save();
    const run = (from: MachineSnapshot, instructions: number, slice: number): MachineSnapshot => {
      machine.restore(from);
      for (let left = instructions; left > 0; left -= slice) machine.run({ instructions: Math.min(left, slice) });
      return machine.save(from);
    };
    const whole = run(begin, 3_000_000, 1_000_000);
    expect(isDeepStrictEqual(run(begin, 3_000_000, 777), whole)).toBe(true);
    expect(isDeepStrictEqual(run(whole, 20_000, 1), run(whole, 20_000, 20_000))).toBe(true);
    machine.close();
  });

  withImages('OpenSBI, and U-Boot behind it in supervisor mode', [openSbi, supervisorUBoot], async () => {
    const board = await Board.boot([
      { file: openSbi, base: ramBase },
      { file: supervisorUBoot, base: ramBase + 0x20_0000 },
    ]);
    const banner = board.until('=> ');
    expect(banner).toContain('OpenSBI v');
    expect(banner).toContain('Domain0 Next Mode         : S-mode');
    expect(banner).toContain('Platform Timer Device     : aclint-mtimer @ 10000000Hz');
    expect(board.command('sbi')).toContain('System Reset Extension');
    // OpenSBI keeps its own memory from supervisor mode by PMP; U-Boot resets the board then.
    expect(board.command('md 80000000 4', 'OpenSBI v')).toContain('Unhandled exception: Load access fault');
    board.machine.close();
  });
});

/** IEEE 802.3, as U-Boot's command has it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb8_8320);
  }
  return ~crc >>> 0;
}
