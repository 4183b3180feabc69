import { describe, expect, it } from '@jest/globals';
import { newAssembly } from '../target/create.js';
import { loadTemplates } from '../templates/index.js';
import { placedTemplates } from './placed.js';

describe('values', () => {
  const thumb2 = loadTemplates('thumb2');
  const constant = thumb2.require('mov_imm32');

  it.each([0, -1, 0x7fff_ffff, -0x8000_0000, 0x8000_0000, 0xffff_ffff])('%d comes back as it was', (value) => {
    const assembly = newAssembly(thumb2);
    assembly.emit(constant, 0, 3, value);
    expect(placedTemplates(assembly)[0]?.values).toEqual([3, value]);
  });

  it.each([2 ** 32, -(2 ** 31) - 1, 0.5, NaN])('%d is refused', (value) => {
    expect(() => newAssembly(thumb2).emit(constant, 0, 3, value)).toThrow(`${value} is no value of a template`);
  });

  it('too few and too many are refused', () => {
    expect(() => newAssembly(thumb2).emit(constant, 0, 3)).toThrow('template mov_imm32 takes 2 operands, not 1');
    expect(() => newAssembly(thumb2).emit(constant, 0, 3, 4, 5)).toThrow('template mov_imm32 takes 2 operands, not 3');
  });

  it('of several, all but the last one are bytes', () => {
    const assembly = newAssembly(thumb2);
    const shifted = thumb2.require('alu_rrsh');
    assembly.emit(shifted, 0, 0, 1, 2, 3, 4, 0, 31);
    expect(placedTemplates(assembly)[0]?.values).toEqual([0, 1, 2, 3, 4, 0, 31]);
    for (const value of [-1, 0x100]) expect(() => assembly.emit(constant, 0, value, 0)).toThrow(`${value} is no value of a template but for its last operand`);
  });
});
