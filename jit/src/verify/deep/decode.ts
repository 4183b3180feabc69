/** Machine code to instructions, through Capstone and nothing of ours (hazards 9 and 20). */
import type { Isa } from '@fireball/contracts';
import { openDecoder, type PrintedInstruction } from '@fireball/disasm';
import { featuresOf, type Features } from '../../features.js';
import { Forbidden, type Instruction } from './instruction.js';
import { rv32Effect } from './rv32.js';
import { thumb2Effect } from './thumb2.js';

const nop = [0x00, 0xbf];
/** Bits 15..8 of IT, whose mask (bits 3..0) is not 0: the hints share the rest. */
const itOpcode = 0xbf;

/** Decodes one instruction at a time and remembers it by its bits: code repeats itself. */
export class Decoder {
  private readonly known = new Map<number, Instruction | string>();

  private constructor(
    private readonly isa: Isa,
    private readonly features: Features,
    private readonly disassemble: (bytes: readonly number[]) => PrintedInstruction[],
  ) {}

  static async open(): Promise<(isa: Isa, cpu: string) => Decoder> {
    const engines = { thumb2: await openDecoder('thumb2'), rv32: await openDecoder('rv32') };
    return (isa, cpu) => new Decoder(isa, featuresOf(isa, cpu), (bytes) => engines[isa].decode(bytes, 0));
  }

  /**
   * The instruction at `offset`.
   * @throws Forbidden where there is none, or none that generated code for this CPU may contain
   */
  at(code: Uint8Array, offset: number): Instruction {
    const low = (code[offset] ?? 0) | ((code[offset + 1] ?? 0) << 8);
    const isWide = this.isa === 'thumb2' ? (low & 0xf800) >= 0xe800 : (low & 3) === 3;
    const size = isWide ? 4 : 2;
    if (offset + size > code.length) throw new Forbidden('an instruction reaches over the end');
    const high = isWide ? (code[offset + 2] ?? 0) | ((code[offset + 3] ?? 0) << 8) : 0;
    const key = (low | (high << 16)) >>> 0;
    let found = this.known.get(key);
    if (found === undefined) {
      found = this.decode([...code.subarray(offset, offset + size)]);
      this.known.set(key, found);
    }
    if (typeof found === 'string') throw new Forbidden(found);
    return found;
  }

  private decode(bytes: number[]): Instruction | string {
    const printed = this.print(bytes);
    if (printed === undefined || printed.size !== bytes.length) return 'no instruction';
    const text = `${printed.mnemonic} ${printed.op_str}`.trim();
    try {
      const read = this.read(printed);
      return { size: bytes.length as 2 | 4, text, flags: undefined, readsFlags: false, ...read };
    } catch (error) {
      if (error instanceof Forbidden) return `${error.message}: ${text}`;
      throw error;
    }
  }

  private read({ mnemonic, op_str }: PrintedInstruction): Pick<Instruction, 'effect'> & Partial<Instruction> {
    if (this.isa === 'rv32') return { effect: rv32Effect(mnemonic, op_str, this.features) };
    return thumb2Effect(mnemonic, op_str, this.features);
  }

  private print(bytes: number[]): PrintedInstruction | undefined {
    // Capstone remembers an IT block from call to call: the nops use it up.
    const isIt = this.isa === 'thumb2' && bytes[1] === itOpcode && ((bytes[0] ?? 0) & 15) !== 0;
    try {
      return this.disassemble(isIt ? [...bytes, ...nop, ...nop, ...nop, ...nop] : bytes)[0];
    } catch {
      // Capstone throws where nothing decodes, with no information besides.
      return undefined;
    }
  }
}
