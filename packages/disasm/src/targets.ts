import type { Architecture } from '@fireball/contracts';

/** Branches and calls of RISC-V that have their target in the instruction, as Capstone prints them. */
const branch = /^((?:c\.)?(?:j|jal|b(?:eq|ne|lt|ge|gt|le)u?z?) (?:.*, )?)(-?)(0x[0-9a-f]+|\d+)$/;

/** An instruction's text with the absolute address that it branches to: of RISC-V, Capstone prints the distance. */
export function withAbsoluteTarget(isa: Architecture, address: number, text: string): string {
  const match = isa === 'thumb2' ? null : branch.exec(text);
  if (match === null) return text;
  const target = address + Number(match[3]) * (match[2] === '-' ? -1 : 1);
  return `${match[1]}0x${(isa === 'rv32' ? target >>> 0 : target).toString(16)}`;
}
