import type { Isa } from '@fireball/contracts';

/** Something with a name in memory: a function's code, a routine in ROM. */
export interface CodeSymbol {
  readonly name: string;
  readonly address: number;
  /** Bytes; 0 where only the address itself is known. */
  readonly size: number;
}

/** One disassembled instruction; targets of branches are absolute. */
export interface PrintedInstruction {
  readonly address: number;
  readonly text: string;
}

/** Names by address; where ranges overlap, the first one counts. */
export class SymbolTable {
  constructor(private readonly symbols: readonly CodeSymbol[]) {}

  /** `name` or `name+0x14`; undefined where nothing is known there. */
  at(address: number): string | undefined {
    const found = this.symbols.find((symbol) => address >= symbol.address && address < symbol.address + Math.max(symbol.size, 1));
    if (found === undefined) return undefined;
    return address === found.address ? found.name : `${found.name}+0x${(address - found.address).toString(16)}`;
  }
}

/** Branches and calls with a target in the instruction, by mnemonic. */
const branches = {
  thumb2: /^(?:b|bl|b(?:eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)|cbn?z)(?:\.[nw])?$/,
  rv32: /^(?:c\.)?(?:j|jal|b(?:eq|ne|lt|ge|gt|le)u?z?)$/,
} as const satisfies Record<Isa, RegExp>;

/**
 * The texts of the instructions with the targets of branches and calls in one form on both targets: the absolute address, and what is
 * there, `bne 0x10234 <run+0x14>`.
 */
export function withTargets(isa: Isa, instructions: readonly PrintedInstruction[], symbols: SymbolTable): string[] {
  return instructions.map(({ text }) => {
    const [mnemonic = ''] = text.split(' ', 1);
    const match = branches[isa].test(mnemonic) ? /^(.* )#?(0x[0-9a-f]+|\d+)$/.exec(text) : null;
    if (match === null) return text;
    const target = Number(match[2]);
    const name = symbols.at(target);
    return `${match[1]}0x${target.toString(16)}${name === undefined ? '' : ` <${name}>`}`;
  });
}
