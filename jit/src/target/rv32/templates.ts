import type { Template, TemplateSet } from '../../templates/index.js';

/** Templates that the RV32 macro assembler places; a set that lacks one is refused by name. */
const names = [
  'alu_rrr',
  'alu_rri',
  'shift_rri',
  'lui',
  'li_imm32',
  'c_mv',
  'c_add',
  'c_li',
  'c_lui',
  'c_addi',
  'c_slli',
  'c_shr',
  'c_andi',
  'c_alu',
  'load',
  'store',
  'c_ldst',
  'c_lwsp',
  'c_swsp',
  'b_rr',
  'b_rr_far',
  'c_bz',
  'c_j',
  'jal',
  'auipc',
  'jalr',
  'c_jr',
  'c_jalr',
  'c_addi16sp',
  'ebreak',
  'ecall',
  'f_rrr',
  'f_sqrt',
  'f_sign',
  'f_minmax',
  'f_round',
  'f_cmp',
  'f_to_int',
  'f_to_int_sat',
  'f_from_int',
  'fmv_to',
  'fmv_from',
  'flw',
  'fsw',
  'd_rrr',
  'd_sqrt',
  'd_sign',
  'd_minmax',
  'd_round',
  'd_cmp',
  'd_to_int',
  'd_to_int_sat',
  'd_from_int',
  'd_demote',
  'd_promote',
  'fld',
  'fsd',
] as const;

export type Rv32Templates = Readonly<Record<(typeof names)[number], Template>>;

const resolved = new WeakMap<TemplateSet, Rv32Templates>();

export function rv32Templates(set: TemplateSet): Rv32Templates {
  let found = resolved.get(set);
  if (found === undefined) {
    found = Object.fromEntries(names.map((name) => [name, set.require(name)])) as Rv32Templates;
    resolved.set(set, found);
  }
  return found;
}
