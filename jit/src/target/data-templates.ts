import type { Isa } from '@fireball/contracts';
import type { Template } from '../templates/index.js';
import type { Rv32Templates } from './rv32/templates.js';
import type { Thumb2Templates } from './thumb2/templates.js';

const names: { readonly thumb2: readonly (keyof Thumb2Templates)[]; readonly rv32: readonly (keyof Rv32Templates)[] } = {
  thumb2: ['table_entry'],
  rv32: [],
};

/** Does the template hold data of tables in the code, which nothing executes? */
export function isDataTemplate(isa: Isa, { name }: Template): boolean {
  return (names[isa] as readonly string[]).includes(name);
}
