import type { Assembly } from '../expand/assembly.js';
import type { Features } from '../features.js';
import type { TemplateSet } from '../templates/index.js';
import type { MacroAssembler } from './macro-assembler.js';
import { Rv32MacroAssembler } from './rv32/macro-assembler.js';
import { Thumb2MacroAssembler } from './thumb2/macro-assembler.js';

/** The macro assembler of the templates' target, at the end of `assembly`. */
export function createMacroAssembler(templates: TemplateSet, assembly: Assembly, features: Features): MacroAssembler {
  return templates.isa === 'thumb2' ? new Thumb2MacroAssembler(templates, assembly, features) : new Rv32MacroAssembler(templates, assembly, features);
}
