import { InternalError, UnsupportedError } from '@fireball/contracts';
import { patch } from '../patch/index.js';
import { formValues, newBranch, type Assembly, type BranchForm, type Label, type PlacedTemplate, type RelativeFixup, type TableFixup, type Target } from './assembly.js';

/** Widest code that we lay out; far above any budget, below every unconditional branch's reach. */
const maxCodeBytes = 1 << 20;

function assignOffsets(assembly: Assembly): void {
  let offset = 0;
  for (const entry of assembly.placed) {
    entry.offset = offset;
    offset += entry.template.size;
  }
  assembly.size = offset;
}

/** A branch to a label of this function. */
interface NearBranch {
  readonly entry: PlacedTemplate;
  readonly fixup: RelativeFixup;
  readonly target: Label;
}

/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so the
 * iteration ends; branches to addresses outside the function take their widest form at once,
 * because the function's own address is not known yet (hazard 7).
 */
export function layOut(assembly: Assembly): void {
  const branches: NearBranch[] = [];
  const tables = new Map<Label, TableFixup[]>();
  for (const entry of assembly.placed) {
    const { fixup } = entry;
    if (fixup === undefined) continue;
    if (fixup.kind === 'table') {
      const entries = tables.get(fixup.from);
      if (entries === undefined) tables.set(fixup.from, [fixup]);
      else entries.push(fixup);
    } else if ('label' in fixup.target) branches.push({ entry, fixup, target: fixup.target.label });
    else useForm(entry, fixup, fixup.forms.length - 1);
  }
  do assignOffsets(assembly);
  while (widen(assembly, branches) || addIslands(assembly, [...tables.values()], branches));
  if (assembly.size > maxCodeBytes) throw new UnsupportedError(`a function of ${assembly.size} code bytes`);
}

/** Gives every branch a form that reaches from its present offset; true where one was wider than before. */
function widen(assembly: Assembly, branches: readonly NearBranch[]): boolean {
  let widened = false;
  for (const { entry, fixup, target } of branches) {
    const offset = assembly.labelOffset(target);
    while (!reaches(entry, fixup, offset)) {
      if (fixup.form + 1 >= fixup.forms.length) {
        throw new UnsupportedError('a function whose branches exceed the widest branch form', { offset: entry.wasmOffset });
      }
      useForm(entry, fixup, fixup.form + 1);
      widened = true;
    }
  }
  return widened;
}

/** Where table entries do not reach their targets, jumps directly behind the table do; true where some were added. */
function addIslands(assembly: Assembly, tables: readonly TableFixup[][], branches: NearBranch[]): boolean {
  let added = false;
  for (const entries of tables) {
    const far = entries.filter((entry) => tableDistance(assembly, entry) > entry.reach);
    const [first] = far;
    if (first === undefined) continue;
    const { from, jump } = first;
    const behind = (assembly.labels[from] as number) + entries.length;
    const { wasmOffset } = assembly.placed[behind - 1] as PlacedTemplate;
    const targets = [...new Set(far.map(({ target }) => target))];
    const islands = targets.map((label) => newBranch(jump, [], { label }, wasmOffset));
    const labels = assembly.insert(behind, islands);
    for (const entry of far) entry.target = labels[targets.indexOf(entry.target)] as Label;
    islands.forEach((entry, index) => {
      if (entry.fixup?.kind === 'relative') branches.push({ entry, fixup: entry.fixup, target: targets[index] as Label });
    });
    assignOffsets(assembly);
    added = true;
  }
  return added;
}

function tableDistance(assembly: Assembly, { from, target }: TableFixup): number {
  return (assembly.labelOffset(target) - assembly.labelOffset(from)) >> 1;
}

function formOf({ forms, form }: RelativeFixup): BranchForm {
  const chosen = forms[form];
  if (chosen === undefined) throw new InternalError('no such branch form');
  return chosen;
}

function useForm(entry: PlacedTemplate, fixup: RelativeFixup, form: number): void {
  fixup.form = form;
  const chosen = formOf(fixup);
  entry.template = chosen.template;
  entry.values = formValues(chosen, fixup.values);
}

/** The operand's distance counts from the start of the branch instruction inside the template. */
function distance({ offset, template }: PlacedTemplate, fixup: RelativeFixup, target: number): number {
  return target - (offset + template.relativeOrigin(formOf(fixup).relative));
}

function reaches(entry: PlacedTemplate, fixup: RelativeFixup, target: number): boolean {
  const operand = entry.template.operands[formOf(fixup).relative];
  const value = distance(entry, fixup, target);
  return operand !== undefined && value >= operand.min && value <= operand.max && !operand.excluded?.includes(value);
}

/**
 * Copies every template and fills its holes, for code that will run at `address`.
 * Returns the code bytes. Throws PatchError where a value does not fit its field.
 */
export function link(assembly: Assembly, address: number): Uint8Array {
  const code = new Uint8Array(assembly.size);
  for (const entry of assembly.placed) {
    const { fixup, values } = entry;
    if (fixup?.kind === 'relative') values[formOf(fixup).relative] = distance(entry, fixup, targetOffset(assembly, fixup.target, address));
    else if (fixup?.kind === 'table') values[fixup.operand] = tableDistance(assembly, fixup);
    patch(code, entry.offset, entry.template, values);
  }
  return code;
}

function targetOffset(assembly: Assembly, target: Target, address: number): number {
  return 'label' in target ? assembly.labelOffset(target.label) : target.address - address;
}
