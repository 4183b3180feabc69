import type { LinkedCode, TemplateSet, verifyStructure } from '@fireball/jit';

export type Assembly = Parameters<typeof verifyStructure>[0];
/** What the structural verifier reads of an assembly. */
type Plan = Pick<Assembly, 'placed' | 'size'>;

/** The plan that the code was made from, out of its debug sites. */
export function planOf(code: LinkedCode, set: TemplateSet): Assembly {
  const placed = code.sites.map(({ offset, template: name, holes, wasmOffset }): Assembly['placed'][number] => {
    const template = set.require(name);
    const values = holes.map(({ value }) => value);
    const placed = { template, values, wasmOffset, offset, site: undefined, role: undefined, sharedCheck: undefined };
    const relative = template.operands.findIndex(({ kind }) => kind === 'rel_jmp' || kind === 'rel_cond');
    if (relative < 0) return { ...placed, fixup: undefined };
    const form = { template, relative, sources: [] };
    return { ...placed, fixup: { kind: 'relative', target: { address: 0 }, forms: [form], form: 0, values: [] } };
  });
  const plan: Plan = { placed, size: code.bytes.length };
  return plan as Assembly;
}
