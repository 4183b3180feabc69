/** Disassembly of sample instances (hazards 9 and 20). */
import type { Isa } from '@fireball/contracts';
import { openDecoder } from '@fireball/disasm';

export interface Disassembler {
  /** One line per instruction: address (`base` is that of the first one, 0 where absent), mnemonic, operands; bytes that are no instruction as `.byte`. */
  readonly lines: (code: Uint8Array, base?: number) => string[];
  readonly close: () => void;
}

export async function openDisassembler(isa: Isa): Promise<Disassembler> {
  const decoder = await openDecoder(isa);
  return {
    lines: (code, base = 0) => {
      const lines: string[] = [];
      for (let at = 0; at < code.length;) {
        const instructions = decoder.decode(code.subarray(at), base + at);
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
