import type { Architecture } from '@fireball/contracts';
import { openDecoder, type Decoder, type PrintedInstruction } from './capstone.js';
import { withAbsoluteTarget } from './targets.js';

/** One line of a listing: guest address, bytes, assembly text, in which targets of branches are absolute. */
export interface MachineInstruction {
  readonly address: number;
  readonly size: number;
  readonly text: string;
}

/** Instructions are at least halfwords, in all instruction sets. */
const unit = 2;

/**
 * Disassembles the code of one function. It goes in as a whole, because an IT instruction changes what follows it. Bytes
 * that are no instruction (tables in code) appear as `.short`.
 */
export async function disassemble(isa: Architecture, code: Uint8Array, address: number): Promise<MachineInstruction[]> {
  const decoder = await openDecoder(isa);
  try {
    const instructions: MachineInstruction[] = [];
    let offset = 0;
    while (offset < code.length) {
      for (const { size, mnemonic, op_str } of decodable(decoder, code.subarray(offset), address + offset)) {
        instructions.push({ address: address + offset, size, text: withAbsoluteTarget(isa, address + offset, `${mnemonic} ${op_str}`.trim()) });
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

/** None where the first bytes are no instruction, which Capstone reports as a failure for no reason. */
function decodable(decoder: Decoder, code: Uint8Array, address: number): PrintedInstruction[] {
  try {
    return decoder.decode(code, address);
  } catch (error) {
    // It throws strings.
    if (String(error).includes('CS_ERR_OK')) return [];
    throw error;
  }
}
