import { createHash } from 'node:crypto';
import { packedBranches, packTemplates, type TemplateSet } from '@fireball/jit';

/** What a device carries of a template set as data. */
export interface PackedSet {
  readonly templates: Uint8Array;
  readonly branches: Uint8Array;
}

/** Both parts, as the set packs into them. */
export function packedSet(set: TemplateSet): PackedSet {
  return { templates: packTemplates(set).bytes, branches: packedBranches(set) };
}

/** Sets with one digest make the same code of every stream. */
export function setDigest({ templates, branches }: PackedSet): string {
  return createHash('sha256').update(templates).update(branches).digest('hex');
}
