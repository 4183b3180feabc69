import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Isa } from '@fireball/contracts';
import { qemuMachines, type QemuMachine } from '@fireball/vsoc';

/** A machine of QEMU, which judges our code by its own model of the core (hazards 1 to 3). */
export interface Machine extends QemuMachine {
  /** Debian's package. */
  readonly package: string;
  /** An instruction that faults, when `argument` is in the first argument register, and the cause as the driver prints it. */
  readonly faultingInstruction: readonly number[];
  readonly faultCause: string;
  readonly argument: number;
}

const quiet = ['-nographic', '-monitor', 'none', '-serial', 'none', '-semihosting-config', 'enable=on,target=native'];

/** `ldrd r0, r1, [r0]`: the emulator loads from any address, QEMU and cores do not (hazard 1). CFSR.UNALIGNED. */
const unalignedLoad = { faultingInstruction: [0xd0, 0xe9, 0x00, 0x01], faultCause: '01000000', argument: 0x2000_0001 };
/** All zeros is no instruction. mcause: illegal instruction. */
const illegal = { faultingInstruction: [0, 0], faultCause: '00000002', argument: 0 };

const byIsa = {
  thumb2: { package: 'qemu-system-arm', ...unalignedLoad },
  rv32: { package: 'qemu-system-misc', ...illegal },
} satisfies Record<Isa, unknown>;

export const machines: readonly Machine[] = qemuMachines.map((machine) => ({ ...machine, args: [...machine.args, ...quiet], ...byIsa[machine.board.isa] }));

export function isInstalled({ program }: Machine): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** Runs a file until it exits; its lines, without the addresses of traps, and its exit status. */
export function runElf({ program, args }: Machine, elf: Uint8Array): { lines: string[]; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-qemu-'));
  try {
    const file = join(folder, 'app.elf');
    writeFileSync(file, elf);
    const { stdout, stderr, status } = spawnSync(program, [...args, '-kernel', file], { encoding: 'utf8', timeout: 60_000 });
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    return { lines: lines.map((line) => line.replace(/(?<= trap .*) @ 0x[0-9a-f]{8}$/, '')), status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
