import type { LinkedCode } from '../compile.js';
import { Assembly } from '../expand/assembly.js';
import { branchForm, branchForms } from '../expand/branch-forms.js';
import { layOut } from '../expand/expand.js';
import { toAddress } from '../expand/records.js';
import type { TemplateSet } from '../templates/index.js';

/** What linked code was made of, by its sites, which may have been changed: `verifyStructure` compares code with it. */
export function assemblyOf({ address, sites }: Pick<LinkedCode, 'address' | 'sites'>, set: TemplateSet): Assembly {
  const kinds = set.templates.map((template, number) => branchForms(number, [branchForm(template, ...template.operands.slice(1).map((_, index) => index))]));
  const assembly = new Assembly(set, kinds);
  for (const { template: name, offset, holes, wasmOffset } of sites) {
    const template = set.require(name);
    const values = holes.map(({ value }) => value);
    const last = template.operands.at(-1);
    if (last?.kind === 'rel_jmp' || last?.kind === 'rel_cond') {
      const origin = address + offset + template.relativeOrigin(last.index);
      assembly.branch(kinds[template.id]!, toAddress, origin + (values.pop() ?? 0), wasmOffset, ...values);
    } else assembly.emit(template, wasmOffset, ...values);
  }
  layOut(assembly);
  assembly.address = address;
  return assembly;
}
