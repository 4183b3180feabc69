import type { CodeView, DebugFunction } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';

/** A machine instruction of generated code. */
interface Instruction {
  readonly address: number;
  readonly text: string;
  readonly wasmOffset: number;
  /** In front of the first one of a function: its name. */
  readonly symbol: string | undefined;
}

/** Bytes of what is shown where nothing is known: as long as the shortest instruction. */
const unknownBytes = 2;

const known = new WeakMap<DebugFunction, readonly Instruction[]>();

async function instructionsOf(code: DebugFunction): Promise<readonly Instruction[]> {
  const before = known.get(code);
  if (before !== undefined) return before;
  const sites = await code.listing();
  const found = sites.flatMap(({ wasmOffset, instructions }) =>
    instructions.map(({ address, text }) => ({ address, text, wasmOffset, symbol: address === code.begin ? code.name : undefined })),
  );
  known.set(code, found);
  return found;
}

/** All machine instructions of generated code, as clients page through them. */
export class Disassembly {
  constructor(private readonly view: CodeView) {}

  async #all(): Promise<readonly Instruction[]> {
    const generated = this.view.functions.filter(({ interpreted }) => !interpreted);
    return (await Promise.all(generated.map(instructionsOf))).flat().sort((a, b) => a.address - b.address);
  }

  /**
   * Exactly `count` instructions, the first of them `offset` instructions behind the one at `address`; what is no generated code is shown as unknown.
   * @param locationOf place in a source of the instruction at an offset in the module
   */
  async around(
    address: number,
    offset: number,
    count: number,
    locationOf: (wasmOffset: number) => Pick<DebugProtocol.DisassembledInstruction, 'location' | 'line'>,
  ): Promise<DebugProtocol.DisassembledInstruction[]> {
    const all = await this.#all();
    const at = all.findIndex((instruction) => instruction.address >= address);
    const isKnown = at >= 0 && all[at]!.address === address;
    return Array.from({ length: count }, (_, index) => {
      const steps = offset + index;
      const instruction = isKnown ? all[at + steps] : undefined;
      if (instruction === undefined) {
        const nearest = !isKnown
          ? address + steps * unknownBytes
          : steps < 0
            ? all[0]!.address + (at + steps) * unknownBytes
            : all.at(-1)!.address + (at + steps - all.length + 2) * unknownBytes;
        return { address: `0x${Math.max(0, nearest).toString(16)}`, instruction: 'not generated code', presentationHint: 'invalid' };
      }
      return {
        address: `0x${instruction.address.toString(16)}`,
        instruction: instruction.text,
        ...(instruction.symbol === undefined ? {} : { symbol: instruction.symbol }),
        ...locationOf(instruction.wasmOffset),
      };
    });
  }
}
