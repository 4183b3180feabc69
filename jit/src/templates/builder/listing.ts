/** Disassembly of sample instances through the pinned Capstone package (hazards 9 and 20). */
import { createRequire } from 'node:module';
import type { Isa } from '@fireball/contracts';

interface Capstone {
  readonly ARCH_ARM: number;
  readonly ARCH_RISCV: number;
  readonly MODE_THUMB: number;
  readonly MODE_MCLASS: number;
  readonly MODE_RISCV32: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (arch: number, mode: number) => {
    disasm(code: readonly number[], address: number): { address: bigint; size: number; mnemonic: string; op_str: string }[];
    close(): void;
  };
}

export interface Disassembler {
  /** One line per instruction: address (`base` is that of the first one, 0 where absent), mnemonic, operands; bytes that are no instruction as `.byte`. */
  readonly lines: (code: Uint8Array, base?: number) => string[];
  readonly close: () => void;
}

export async function openDisassembler(isa: Isa): Promise<Disassembler> {
  const load = createRequire(import.meta.url)('@alexaltea/capstone-js') as () => Promise<Capstone>;
  const capstone = await load();
  const decoder =
    isa === 'thumb2'
      ? new capstone.Capstone(capstone.ARCH_ARM, capstone.MODE_THUMB | capstone.MODE_MCLASS)
      : new capstone.Capstone(capstone.ARCH_RISCV, capstone.MODE_RISCV32 | capstone.MODE_RISCVC);
  return {
    lines: (code, base = 0) => {
      const lines: string[] = [];
      for (let at = 0; at < code.length; ) {
        const instructions = decoder.disasm([...code.subarray(at)], base + at);
        for (const { mnemonic, op_str, size } of instructions) {
          lines.push(`${hex(base + at)}: ${mnemonic} ${op_str}`.trim());
          at += size;
        }
        if (at >= code.length) break;
        const rest = code.subarray(at, at + 2);
        lines.push(`${hex(base + at)}: .byte ${[...rest].map((byte) => `0x${hex(byte)}`).join(', ')}`);
        at += rest.length;
      }
      return lines;
    },
    close: () => {
      decoder.close();
    },
  };
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
