import { describe, expect, it } from '@jest/globals';
import { loadTemplates } from '../templates/index.js';
import { formatHole } from './holes.js';
import { SymbolTable, withTargets } from './symbols.js';

const symbols = new SymbolTable([
  { name: 'i64.div_s', address: 0x800, size: 0 },
  { name: 'run', address: 0x1000, size: 0x40 },
]);

describe('targets in one form on both targets', () => {
  it.each([
    ['thumb2', 'bne #0x1014', 'bne 0x1014 <run+0x14>'],
    ['thumb2', 'bhi.w #0x1000', 'bhi.w 0x1000 <run>'],
    ['thumb2', 'bl #0x800', 'bl 0x800 <i64.div_s>'],
    ['thumb2', 'bl #0x802', 'bl 0x802'],
    ['thumb2', 'cbz r3, #0x103e', 'cbz r3, 0x103e <run+0x3e>'],
    ['thumb2', 'b.w #0x1040', 'b.w 0x1040'],
    ['thumb2', 'bic r3, r3, #0x1014', 'bic r3, r3, #0x1014'],
    ['thumb2', 'bx lr', 'bx lr'],
    ['thumb2', 'blx ip', 'blx ip'],
    ['thumb2', 'bfi r0, r1, #4, #8', 'bfi r0, r1, #4, #8'],
    ['rv32', 'bne a5, t1, 0x1020', 'bne a5, t1, 0x1020 <run+0x20>'],
    ['rv32', 'bnez a6, 0x1000', 'bnez a6, 0x1000 <run>'],
    ['rv32', 'c.beqz a5, 0x1018', 'c.beqz a5, 0x1018 <run+0x18>'],
    ['rv32', 'bltu sp, t1, 0x1036', 'bltu sp, t1, 0x1036 <run+0x36>'],
    ['rv32', 'c.j 0x1014', 'c.j 0x1014 <run+0x14>'],
    ['rv32', 'j 0xe10', 'j 0xe10'],
    ['rv32', 'jal 0x800', 'jal 0x800 <i64.div_s>'],
    ['rv32', 'jal ra, 0x800', 'jal ra, 0x800 <i64.div_s>'],
    ['rv32', 'jalr zero, t1, 0xa', 'jalr zero, t1, 0xa'],
    ['rv32', 'c.jr ra', 'c.jr ra'],
    ['rv32', 'c.jalr a0', 'c.jalr a0'],
  ] as const)('%s: %s', (isa, text, shown) => {
    expect(withTargets(isa, [{ address: 0x1010, text }], symbols)).toEqual([shown]);
  });
});

it.each([
  ['push_n', 'registers', 0x4030, '{r4, r5, lr}'],
  ['pop_n', 'registers', 0x8001, '{r0, pc}'],
  ['push_w', 'registers', 0x1f00, '{r8, r9, r10, r11, r12}'],
  ['addsub_rrr_n', 'rd', 3, 3],
  ['addsub_rrr_n', 'op', 0, 'add'],
])('hole of %s: %s=%i is shown as %s', (template, operand, value, shown) => {
  expect(formatHole(loadTemplates('thumb2'), template, operand, value)).toBe(shown);
});
