import { instruction, type Flow, type Instruction } from './instruction.js';

/** Fields of an instruction word (The RISC-V Instruction Set Manual, volume I, chapter "Instruction Set Listings"). */
const field = (word: number, low: number, bits: number): number => (word >>> low) & ((1 << bits) - 1);

/** x1 and x5 are link registers: what jumps through them is a call or a return for return stacks (table 2.1 there, "JALR hints"). */
const isLink = (register: number): boolean => register === 1 || register === 5;

function jalrFlow(to: number, through: number): Flow {
  if (isLink(to)) return 'indirectCall';
  return isLink(through) ? 'return' : 'indirect';
}

/** An RV32IMC instruction; floating-point instructions count as plain ones. */
export function decodeRv32(first: number, second: number): Instruction {
  return (first & 3) === 3 ? decodeWord((first | (second << 16)) >>> 0) : decodeCompressed(first);
}

function decodeWord(word: number): Instruction {
  const [rd, funct3, rs1, rs2] = [field(word, 7, 5), field(word, 12, 3), field(word, 15, 5), field(word, 20, 5)];
  switch (word & 0x7f) {
    case 0x03:
      return instruction(4, { work: funct3 === 2 ? 'load' : 'narrowLoad', result: rd, reads: [rs1] });
    case 0x23:
      return instruction(4, { work: 'store', reads: [rs1, rs2] });
    case 0x63:
      return instruction(4, { flow: 'conditional', reads: [rs1, rs2] });
    case 0x67:
      return instruction(4, { flow: jalrFlow(rd, rs1), reads: [rs1] });
    case 0x6f:
      return instruction(4, { flow: isLink(rd) ? 'call' : 'jump' });
    case 0x33:
      if (field(word, 25, 7) !== 1) return instruction(4, { reads: [rs1, rs2] });
      return instruction(4, { work: funct3 < 4 ? 'multiply' : 'divide', result: rd, reads: [rs1, rs2] });
    case 0x13:
      return instruction(4, { reads: [rs1] });
    default:
      return instruction(4);
  }
}

/** By quadrant and funct3; the numbers are x registers. */
function decodeCompressed(half: number): Instruction {
  const [wide1, wide2] = [field(half, 7, 5), field(half, 2, 5)];
  const [short1, short2] = [8 + field(half, 7, 3), 8 + field(half, 2, 3)];
  switch (((half & 3) << 3) | (half >>> 13)) {
    case 0o00: // c.addi4spn
      return instruction(2, { reads: [2] });
    case 0o02: // c.lw
      return instruction(2, { work: 'load', result: short2, reads: [short1] });
    case 0o06: // c.sw
      return instruction(2, { work: 'store', reads: [short1, short2] });
    case 0o10: // c.addi
    case 0o20: // c.slli
      return instruction(2, { reads: [wide1] });
    case 0o11: // c.jal
      return instruction(2, { flow: 'call' });
    case 0o14: // c.srli, c.srai, c.andi, and what takes two registers
      return instruction(2, { reads: field(half, 10, 2) === 3 ? [short1, short2] : [short1] });
    case 0o15: // c.j
      return instruction(2, { flow: 'jump' });
    case 0o16: // c.beqz
    case 0o17: // c.bnez
      return instruction(2, { flow: 'conditional', reads: [short1] });
    case 0o22: // c.lwsp
      return instruction(2, { work: 'load', result: wide1, reads: [2] });
    case 0o24: // c.jr, c.mv, c.ebreak, c.jalr, c.add
      if (wide2 !== 0) return instruction(2, { reads: field(half, 12, 1) === 0 ? [wide2] : [wide1, wide2] });
      if (wide1 === 0) return instruction(2);
      return instruction(2, { flow: jalrFlow(field(half, 12, 1), wide1), reads: [wide1] });
    case 0o26: // c.swsp
      return instruction(2, { work: 'store', reads: [2, wide2] });
    default:
      return instruction(2);
  }
}
