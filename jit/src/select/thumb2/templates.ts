import type { Template, TemplateSet } from '../../templates/index.js';

/** Templates that the Thumb-2 machine places; a set that lacks one is refused by name. */
const names = [
  'alu_rrr',
  'alu_rrsh',
  'alu_rri',
  'addsub_rri12',
  'alu_rr_n',
  'neg_rr_n',
  'addsub_rrr_n',
  'addsub_rri3_n',
  'addsub_ri8_n',
  'add_rr_n',
  'shift_rri',
  'shift_rri_n',
  'shift_rrr',
  'bits_rr',
  'bits_rr_n',
  'clz_rr',
  'rbit_rr',
  'mul_n',
  'mul_rrr',
  'mla_rrrr',
  'div_rrr',
  'umull',
  'pair_shr_s_tail',
  'mov_rr',
  'mov_ri8_n',
  'mov_rimm',
  'movw',
  'mov_imm32',
  'mvn_rr',
  'it_mov',
  'it_mov_i',
  'it_mov_i_n',
  'cmp_rr_n',
  'cmp_rr',
  'cmp_hi_n',
  'cmp_hi_low_n',
  'cmp_ri8_n',
  'cmp_ri',
  'cmp_sp_i',
  'tst_rr_n',
  'ldst_rr_n',
  'ldst_rr',
  'ldst_ri12',
  'ldst_word_n',
  'ldst_byte_n',
  'ldst_half_n',
  'ldst_sp_n',
  'ldst_sp_r',
  'b_n',
  'b_w',
  'bcond_n',
  'bcond_w',
  'bcond_far',
  'cbz',
  'cmp0_bcond_n',
  'cmp0_bcond_w',
  'cmp0_bcond_far',
  'bl',
  'blx_r',
  'bx_r',
  'tbh',
  'table_entry',
  'udf',
  'svc',
  'push_n',
  'push_w',
  'pop_n',
  'pop_w',
  'sp_adjust_n',
  'sp_adjust_w',
  'sp_adjust_r',
  'sub_from_sp',
] as const;

export type Thumb2Templates = Readonly<Record<(typeof names)[number], Template>>;

const resolved = new WeakMap<TemplateSet, Thumb2Templates>();

export function thumb2Templates(set: TemplateSet): Thumb2Templates {
  let found = resolved.get(set);
  if (found === undefined) {
    found = Object.fromEntries(names.map((name) => [name, set.require(name)])) as Thumb2Templates;
    resolved.set(set, found);
  }
  return found;
}
