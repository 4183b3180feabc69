import type { Isa } from '@fireball/contracts';
import { Decoder } from './decode.js';
import { factsOf, type CodeFacts, type FactInputs } from './facts.js';
import { interpret } from './interpret.js';
import type { AccessCounts } from './point.js';
import { sweep } from './sweep.js';
import { rangesBehind, type WordRange } from './transfer.js';

/** What a successful verification went through. */
export interface DeepReport {
  readonly instructions: number;
  /** Memory accesses by how they were proved; accesses in loops may be counted more than once. */
  readonly accesses: AccessCounts;
}

/** Looks at linked code before it is installed, and throws where it must not be. */
export interface CodeVerifier {
  verify(inputs: FactInputs): unknown;
}

/**
 * The second level of verification: reads finished code again through Capstone, knowing nothing of
 * templates, and proves that it keeps to its instruction set, its ABI and its memory.
 */
export class DeepVerifier implements CodeVerifier {
  private readonly decoders = new Map<string, Decoder>();

  private constructor(private readonly decoderFor: (isa: Isa, cpu: string) => Decoder) {}

  /** Loads the disassembler. */
  static async open(): Promise<DeepVerifier> {
    return new DeepVerifier(await Decoder.open());
  }

  /**
   * Verifies a linked function against what its wasm allows it to do.
   * @throws DeepVerifyError naming code offset, instruction and what is missing
   */
  verify(inputs: FactInputs): DeepReport {
    return this.verifyBytes(inputs.code.bytes, factsOf(inputs));
  }

  verifyBytes(code: Uint8Array, facts: CodeFacts): DeepReport {
    const program = sweep(code, facts, this.decoder(facts.isa, facts.cpu));
    const accesses = interpret(program);
    return { instructions: program.at.reduce((count, entry) => count + (entry === undefined ? 0 : 1), 0), accesses };
  }

  /**
   * What the range analysis says of general registers behind straight code that only computes; undefined where the code does more. sp
   * must not be written.
   * @param before a range for every general register, by number
   */
  rangesBehind(isa: Isa, cpu: string, address: number, code: Uint8Array, before: readonly WordRange[]): WordRange[] | undefined {
    return rangesBehind(this.decoder(isa, cpu), isa, cpu, address, code, before);
  }

  private decoder(isa: Isa, cpu: string): Decoder {
    let decoder = this.decoders.get(cpu);
    if (decoder === undefined) {
      decoder = this.decoderFor(isa, cpu);
      this.decoders.set(cpu, decoder);
    }
    return decoder;
  }
}
