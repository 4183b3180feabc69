import type { Architecture } from '@fireball/contracts';
import { openDecoder, type Decoder, type PrintedInstruction } from '@fireball/disasm';
import type { DecodedInstruction, Flow } from './instruction.js';
import { readRv32 } from './rv32.js';
import { readThumb2 } from './thumb2.js';

/** Bytes that go to the disassembler at once: within an IT block it must see the IT. */
const piece = 512;

/** The instructions of some machine code by address, as far as somebody asks. */
export class CodeReader {
  readonly #known = new Map<number, DecodedInstruction | undefined>();

  constructor(
    private readonly architecture: Architecture,
    private readonly decoder: Decoder,
    readonly begin: number,
    private readonly bytes: Uint8Array,
  ) {}

  static async open(architecture: Architecture, begin: number, bytes: Uint8Array): Promise<CodeReader> {
    return new CodeReader(architecture, await openDecoder(architecture), begin, bytes);
  }

  get end(): number {
    return this.begin + this.bytes.length;
  }

  /** Undefined outside, and where no instruction begins. */
  at(address: number): DecodedInstruction | undefined {
    if (!this.#known.has(address)) this.#read(address);
    return this.#known.get(address);
  }

  /** All that is decoded, in order: code that nothing leads to is read from where an instruction before it ends. */
  *all(from: number, to: number): Generator<DecodedInstruction> {
    for (let address = from; address < to;) {
      const instruction = this.at(address);
      if (instruction !== undefined) yield instruction;
      address += instruction?.size ?? 2;
    }
  }

  #read(begin: number): void {
    const offset = begin - this.begin;
    let printed: PrintedInstruction[] = [];
    try {
      if (offset >= 0) printed = this.decoder.decode(this.bytes.subarray(offset, offset + piece), begin);
    } catch {
      // No instruction: it throws a text without a reason.
    }
    if (printed.length === 0) this.#known.set(begin, undefined);
    let address = begin;
    let conditional = 0;
    // The end of the piece may cut an instruction, or an IT block.
    const last = begin + piece - 24;
    for (const { size, mnemonic, op_str } of printed) {
      if (this.#known.has(address) || (address > last && address > begin)) return;
      const plain = conditional > 0 ? mnemonic.replace(/(eq|ne|hs|cs|lo|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)(?=$|\.)/, '') : mnemonic;
      this.#known.set(address, { address, size, conditional: conditional > 0, ...this.#meaning(address, plain, op_str) });
      conditional = /^it[te]*$/.test(mnemonic) ? mnemonic.length - 1 : Math.max(0, conditional - 1);
      address += size;
    }
  }

  #meaning(address: number, mnemonic: string, operands: string): Omit<DecodedInstruction, 'address' | 'size' | 'conditional'> {
    if (this.architecture === 'thumb2') return readThumb2(mnemonic, operands);
    const { flow, ...rest } = readRv32(mnemonic, operands);
    return { ...rest, flow: relativeTo(address, flow) };
  }

  close(): void {
    this.decoder.close();
  }
}

/** Capstone prints distances of RISC-V's branches. */
function relativeTo(address: number, flow: Flow): Flow {
  switch (flow.kind) {
    case 'branch':
      return { ...flow, target: (address + flow.target) >>> 0 };
    case 'call':
      return flow.target === undefined ? flow : { ...flow, target: (address + flow.target) >>> 0 };
    default:
      return flow;
  }
}
