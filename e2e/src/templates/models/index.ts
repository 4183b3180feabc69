/** The model of every template, by instruction set and name. */
import type { Isa } from '@fireball/contracts';
import type { ModelTable } from '../model.js';
import { rv32Alu } from './rv32-alu.js';
import { rv32Floats } from './rv32-floats.js';
import { rv32Control, rv32Memory, rv32Runtime } from './rv32-control.js';
import { thumb2Alu } from './thumb2-alu.js';
import { thumb2Control, thumb2Runtime } from './thumb2-control.js';
import { thumb2Compare, thumb2Move } from './thumb2-data.js';
import { thumb2Floats } from './thumb2-floats.js';
import { thumb2Memory } from './thumb2-memory.js';
import { thumb2Pairs } from './thumb2-pairs.js';

export const models = {
  thumb2: { ...thumb2Alu, ...thumb2Compare, ...thumb2Move, ...thumb2Memory, ...thumb2Pairs, ...thumb2Floats, ...thumb2Control, ...thumb2Runtime },
  rv32: { ...rv32Alu, ...rv32Floats, ...rv32Memory, ...rv32Control, ...rv32Runtime },
} as const satisfies Record<Isa, ModelTable>;
