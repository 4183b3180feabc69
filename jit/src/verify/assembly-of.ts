import type { LinkedCode } from '../compile.js';
import { Assembly } from '../expand/assembly.js';
import { branchForm, branchForms, type BranchForms } from '../expand/branch-forms.js';
import { layOut } from '../expand/expand.js';
import { toAddress } from '../core/layout/placed.js';
import type { Template, TemplateSet } from '../templates/index.js';

/** What linked code was made of, by its sites, which may have been changed: `verifyStructure` compares code with it. */
export function assemblyOf({ address, sites }: Pick<LinkedCode, 'address' | 'sites'>, set: TemplateSet): Assembly {
  const kinds = kindsOf(set);
  const assembly = new Assembly(set, kinds);
  for (const { template: name, offset, holes, wasmOffset } of sites) {
    const template = set.require(name);
    const values = holes.map(({ value }) => value);
    const kind = kinds.find(({ forms }) => forms[0]?.template === template);
    if (kind === undefined) assembly.emit(template, wasmOffset, ...values);
    else {
      const origin = address + offset + template.relativeOrigin(values.length - 1);
      assembly.branch(kind, toAddress, origin + (values.pop() ?? 0), wasmOffset, ...values);
    }
  }
  layOut(assembly);
  assembly.address = address;
  return assembly;
}

const known = new WeakMap<TemplateSet, readonly BranchForms[]>();

/** Of every template whose last operand is a distance. */
function kindsOf(set: TemplateSet): readonly BranchForms[] {
  let kinds = known.get(set);
  if (kinds === undefined) {
    const isBranch = ({ operands }: Template): boolean => operands.at(-1)?.kind === 'rel_jmp' || operands.at(-1)?.kind === 'rel_cond';
    kinds = set.templates
      .filter(isBranch)
      .map((template, number) => branchForms(number, [branchForm(template, ...template.operands.slice(1).map((_, index) => index))]));
    known.set(set, kinds);
  }
  return kinds;
}
