import type { CodeView, DebugFunction, DebugTarget } from '@fireball/contracts';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { disassemblyAround } from '../view/disassembly.js';

type Row = DebugProtocol.DisassembledInstruction;

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

/** Machine instructions as clients page through them: all generated code as one list, and around any other address what memory has there. */
export class Disassembly {
  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
  ) {}

  async #all(): Promise<readonly Instruction[]> {
    const generated = this.view.functions.filter(({ interpreted }) => !interpreted);
    return (await Promise.all(generated.map(instructionsOf))).flat().sort((a, b) => a.address - b.address);
  }

  /**
   * Exactly `count` instructions, the first of them `offset` instructions behind the one at `address`; where there are none, so many are shown as unknown.
   * @param locationOf place in a source of the instruction at an offset in the module
   */
  async around(address: number, offset: number, count: number, locationOf: (wasmOffset: number) => Pick<Row, 'location' | 'line'>): Promise<Row[]> {
    const all = await this.#all();
    const at = all.findIndex((instruction) => instruction.address === address);
    const rows = at < 0 ? await this.#elsewhere(address, offset, count) : all.map((instruction) => rowOf(instruction, locationOf));
    const found = at < 0 ? rows.findIndex((row) => Number(row.address) === address) : at;
    const first = (found < 0 ? rows.length : found) + offset;
    const begin = Number(rows[0]?.address ?? address);
    const end = Number(rows.at(-1)?.address ?? address - unknownBytes);
    return Array.from({ length: count }, (_, index) => {
      const row = rows[first + index];
      if (row !== undefined) return row;
      const from = first + index < 0 ? begin + (first + index) * unknownBytes : end + (first + index - rows.length + 1) * unknownBytes;
      return { address: `0x${Math.max(0, from).toString(16)}`, instruction: 'no instruction is known here', presentationHint: 'invalid' };
    });
  }

  /** In ROM, in firmware. */
  async #elsewhere(address: number, offset: number, count: number): Promise<Row[]> {
    const rows = await disassemblyAround(this.target, this.view, address, Math.max(0, -offset), Math.max(1, offset + count));
    return rows.map((row) => {
      // In front of the first one of a function: its name.
      const [, symbol] = /^([^+\s]+)(?: at .*)?$/.exec(row.place ?? '') ?? [];
      return { address: `0x${row.address.toString(16)}`, instruction: row.text, ...(symbol === undefined ? {} : { symbol }) };
    });
  }
}

function rowOf({ address, text, symbol, wasmOffset }: Instruction, locationOf: (wasmOffset: number) => Pick<Row, 'location' | 'line'>): Row {
  return { address: `0x${address.toString(16)}`, instruction: text, ...(symbol === undefined ? {} : { symbol }), ...locationOf(wasmOffset) };
}
