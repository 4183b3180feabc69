import { csrNumbers } from '../csr.js';
import type { CsrName } from '../csr.js';
import { abiNames } from '../registers.js';
import type { AbiName } from '../registers.js';

type Label = string;

/** Writes RV32I and RV64I programs for tests: a method for each instruction, named as assemblers name it; branches go to labels. */
export class Program {
  readonly #words: (number | ((at: number) => number))[] = [];
  readonly #labels = new Map<Label, number>();

  constructor(readonly base: number) {}

  get bytes(): Uint8Array {
    const words = this.#words.map((word, index) => (typeof word === 'number' ? word : word(this.base + 4 * index)) >>> 0);
    return new Uint8Array(Uint32Array.from(words).buffer);
  }

  /** Address of a label. */
  at(label: Label): number {
    const index = this.#labels.get(label);
    if (index === undefined) throw new RangeError(`there is no label ${label}`);
    return this.base + 4 * index;
  }

  label(name: Label): this {
    this.#labels.set(name, this.#words.length);
    return this;
  }

  word(...words: number[]): this {
    this.#words.push(...words);
    return this;
  }

  /** Fills up to an offset from the base with instructions that are none. */
  org(offset: number): this {
    while (this.#words.length * 4 < offset) this.word(0);
    return this;
  }

  #i(opcode: number, funct3: number, rd: AbiName, rs1: AbiName, immediate: number): this {
    return this.word(((immediate & 0xfff) << 20) | (x(rs1) << 15) | (funct3 << 12) | (x(rd) << 7) | opcode);
  }
  #s(funct3: number, rs2: AbiName, rs1: AbiName, offset: number): this {
    return this.word((((offset >> 5) & 0x7f) << 25) | (x(rs2) << 20) | (x(rs1) << 15) | (funct3 << 12) | ((offset & 31) << 7) | 0x23);
  }
  #r(opcode: number, funct7: number, funct3: number, rd: AbiName, rs1: AbiName, rs2: AbiName): this {
    return this.word((funct7 << 25) | (x(rs2) << 20) | (x(rs1) << 15) | (funct3 << 12) | (x(rd) << 7) | opcode);
  }
  #b(funct3: number, rs1: AbiName, rs2: AbiName, label: Label): this {
    this.#words.push((at) => {
      const offset = this.at(label) - at;
      return (
        (((offset >> 12) & 1) << 31) |
        (((offset >> 5) & 0x3f) << 25) |
        (x(rs2) << 20) |
        (x(rs1) << 15) |
        (funct3 << 12) |
        (((offset >> 1) & 15) << 8) |
        (((offset >> 11) & 1) << 7) |
        0x63
      );
    });
    return this;
  }

  /** A 32-bit value; on RV64 sign-extended. */
  li(rd: AbiName, value: number): this {
    const low = ((value & 0xfff) ^ 0x800) - 0x800;
    const high = (value - low) | 0;
    if (high === 0) return this.#i(0x13, 0, rd, 'zero', low);
    this.word((high & 0xffff_f000) | (x(rd) << 7) | 0x37);
    return this.#i(0x13, 0, rd, rd, low);
  }
  /** Address of a label, whose place is known already or not. */
  la(rd: AbiName, label: Label): this {
    // auipc, addi
    const offset = (at: number): number => this.at(label) - at;
    this.#words.push((at) => ((offset(at) + 0x800) & 0xffff_f000) | (x(rd) << 7) | 0x17);
    this.#words.push((at) => ((offset(at - 4) & 0xfff) << 20) | (x(rd) << 15) | (x(rd) << 7) | 0x13);
    return this;
  }
  /** An address less than 2 GiB away. */
  address(rd: AbiName, value: number): this {
    this.#words.push((at) => ((value - at + 0x800) & 0xffff_f000) | (x(rd) << 7) | 0x17);
    this.#words.push((at) => (((value - at + 4) & 0xfff) << 20) | (x(rd) << 15) | (x(rd) << 7) | 0x13);
    return this;
  }
  addi = (rd: AbiName, rs1: AbiName, immediate: number): this => this.#i(0x13, 0, rd, rs1, immediate);
  andi = (rd: AbiName, rs1: AbiName, immediate: number): this => this.#i(0x13, 7, rd, rs1, immediate);
  slli = (rd: AbiName, rs1: AbiName, shift: number): this => this.#i(0x13, 1, rd, rs1, shift);
  srli = (rd: AbiName, rs1: AbiName, shift: number): this => this.#i(0x13, 5, rd, rs1, shift);
  srai = (rd: AbiName, rs1: AbiName, shift: number): this => this.#i(0x13, 5, rd, rs1, shift | 0x400);
  add = (rd: AbiName, rs1: AbiName, rs2: AbiName): this => this.#r(0x33, 0, 0, rd, rs1, rs2);
  xor = (rd: AbiName, rs1: AbiName, rs2: AbiName): this => this.#r(0x33, 0, 4, rd, rs1, rs2);
  mul = (rd: AbiName, rs1: AbiName, rs2: AbiName): this => this.#r(0x33, 1, 0, rd, rs1, rs2);
  lb = (rd: AbiName, offset: number, rs1: AbiName): this => this.#i(3, 0, rd, rs1, offset);
  lbu = (rd: AbiName, offset: number, rs1: AbiName): this => this.#i(3, 4, rd, rs1, offset);
  lw = (rd: AbiName, offset: number, rs1: AbiName): this => this.#i(3, 2, rd, rs1, offset);
  ld = (rd: AbiName, offset: number, rs1: AbiName): this => this.#i(3, 3, rd, rs1, offset);
  sb = (rs2: AbiName, offset: number, rs1: AbiName): this => this.#s(0, rs2, rs1, offset);
  sw = (rs2: AbiName, offset: number, rs1: AbiName): this => this.#s(2, rs2, rs1, offset);
  sd = (rs2: AbiName, offset: number, rs1: AbiName): this => this.#s(3, rs2, rs1, offset);
  amoaddw = (rd: AbiName, rs2: AbiName, rs1: AbiName): this => this.#r(0x2f, 0, 2, rd, rs1, rs2);
  lrw = (rd: AbiName, rs1: AbiName): this => this.#r(0x2f, 8, 2, rd, rs1, 'zero');
  beq = (rs1: AbiName, rs2: AbiName, label: Label): this => this.#b(0, rs1, rs2, label);
  bne = (rs1: AbiName, rs2: AbiName, label: Label): this => this.#b(1, rs1, rs2, label);
  blt = (rs1: AbiName, rs2: AbiName, label: Label): this => this.#b(4, rs1, rs2, label);
  bgeu = (rs1: AbiName, rs2: AbiName, label: Label): this => this.#b(7, rs1, rs2, label);
  j(label: Label): this {
    this.#words.push((at) => {
      const offset = this.at(label) - at;
      return (((offset >> 20) & 1) << 31) | (((offset >> 1) & 0x3ff) << 21) | (((offset >> 11) & 1) << 20) | (((offset >> 12) & 0xff) << 12) | 0x6f;
    });
    return this;
  }
  jr = (rs1: AbiName): this => this.#i(0x67, 0, 'zero', rs1, 0);
  csrrw = (rd: AbiName, csr: CsrName | number, rs1: AbiName): this => this.#i(0x73, 1, rd, rs1, csrOf(csr));
  csrr = (rd: AbiName, csr: CsrName | number): this => this.#i(0x73, 2, rd, 'zero', csrOf(csr));
  csrw = (csr: CsrName | number, rs1: AbiName): this => this.#i(0x73, 1, 'zero', rs1, csrOf(csr));
  csrs = (csr: CsrName | number, rs1: AbiName): this => this.#i(0x73, 2, 'zero', rs1, csrOf(csr));
  csrc = (csr: CsrName | number, rs1: AbiName): this => this.#i(0x73, 3, 'zero', rs1, csrOf(csr));
  csrwi = (csr: CsrName | number, value: number): this => this.word((csrOf(csr) << 20) | (value << 15) | (5 << 12) | 0x73);
  csrsi = (csr: CsrName | number, value: number): this => this.word((csrOf(csr) << 20) | (value << 15) | (6 << 12) | 0x73);
  csrci = (csr: CsrName | number, value: number): this => this.word((csrOf(csr) << 20) | (value << 15) | (7 << 12) | 0x73);
  ecall = (): this => this.word(0x0000_0073);
  ebreak = (): this => this.word(0x0010_0073);
  mret = (): this => this.word(0x3020_0073);
  sret = (): this => this.word(0x1020_0073);
  wfi = (): this => this.word(0x1050_0073);
  sfence = (): this => this.word(0x1200_0073);
}

function x(name: AbiName): number {
  return abiNames.indexOf(name);
}

function csrOf(csr: CsrName | number): number {
  return typeof csr === 'number' ? csr : csrNumbers[csr];
}
