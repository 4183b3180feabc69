import { createRequire } from 'node:module';
import type { Isa } from '@fireball/contracts';

interface CapstoneInstruction {
  readonly size: number;
  readonly mnemonic: string;
  readonly op_str: string;
}

/** The part of the Capstone package that is used; it comes without types. */
interface CapstoneModule {
  readonly ARCH_ARM: number;
  readonly ARCH_RISCV: number;
  readonly MODE_THUMB: number;
  readonly MODE_MCLASS: number;
  readonly MODE_RISCV32: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (arch: number, mode: number) => {
    disasm(code: readonly number[], address: number): CapstoneInstruction[];
    close(): void;
  };
}

/** One line of a listing: guest address, bytes, assembly text. */
export interface MachineInstruction {
  readonly address: number;
  readonly size: number;
  readonly text: string;
}

/** Instructions are at least halfwords, on both targets. */
const unit = 2;

/**
 * Disassembles the code of one function. It goes in as a whole, because an IT instruction changes what follows it. Bytes
 * that are no instruction (tables in code) appear as `.short`.
 */
export async function disassemble(isa: Isa, code: Uint8Array, address: number): Promise<MachineInstruction[]> {
  const load = createRequire(import.meta.url)('@alexaltea/capstone-js') as () => Promise<CapstoneModule>;
  const capstone = await load();
  const decoder =
    isa === 'thumb2'
      ? new capstone.Capstone(capstone.ARCH_ARM, capstone.MODE_THUMB | capstone.MODE_MCLASS)
      : new capstone.Capstone(capstone.ARCH_RISCV, capstone.MODE_RISCV32 | capstone.MODE_RISCVC);
  try {
    const instructions: MachineInstruction[] = [];
    let offset = 0;
    while (offset < code.length) {
      for (const { size, mnemonic, op_str } of decoder.disasm([...code.subarray(offset)], address + offset)) {
        instructions.push({ address: address + offset, size, text: `${mnemonic} ${op_str}`.trim() });
        offset += size;
      }
      if (offset >= code.length) break;
      const halfword = code[offset]! | ((code[offset + 1] ?? 0) << 8);
      instructions.push({ address: address + offset, size: unit, text: `.short 0x${halfword.toString(16).padStart(4, '0')}` });
      offset += unit;
    }
    return instructions;
  } finally {
    decoder.close();
  }
}
