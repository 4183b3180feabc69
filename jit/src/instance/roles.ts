import type { Isa } from '@fireball/contracts';
import * as layout from '../core/layout/allocation.js';
import type { RegisterRoles } from '../target/registers.js';
import { rv32Roles } from '../target/rv32/roles.js';
import { thumb2Roles } from '../target/thumb2/roles.js';

/** Numbers of the targets in the core. */
export const targetNumbers: Readonly<Record<Isa, number>> = { thumb2: 0, rv32: 1 };

const roles: Readonly<Record<Isa, RegisterRoles>> = { thumb2: thumb2Roles, rv32: rv32Roles };

/** What registers are for on a target. */
export function rolesOf(isa: Isa): RegisterRoles {
  return roles[isa];
}

/** Writes the roles that registers have on each target. */
export function writeRoles({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  const bytes = new Uint8Array(buffer);
  for (const isa of Object.keys(roles) as Isa[]) {
    const { temps, saved, leafExtra, callExtra, link, args, zero } = roles[isa];
    const first = layout.roles + targetNumbers[isa] * layout.rolesStride;
    const lists = {
      [layout.rolesTemps]: temps,
      [layout.rolesSaved]: saved,
      [layout.rolesLeafExtra]: leafExtra,
      [layout.rolesCallExtra]: callExtra,
      [layout.rolesArgs]: args,
    };
    for (const [offset, list] of Object.entries(lists)) bytes.set([list.length, ...list], first + Number(offset));
    const view = new DataView(buffer);
    view.setInt32(first + layout.rolesLink, link, true);
    view.setInt32(first + layout.rolesZero, zero, true);
  }
}
