import { InternalError, UnsupportedError } from '@fireball/contracts';
import { refusal } from '../patch/index.js';
import {
  formValues,
  mostCodeBytes,
  newBranch,
  type Assembly,
  type BranchForm,
  type Insertion,
  type Label,
  type PlacedTemplate,
  type RelativeFixup,
  type TableFixup,
  type Target,
} from './assembly.js';

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
 * iteration ends; branches that leave the function take their widest form at once, because the
 * function's own address is not known yet (hazard 7).
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
  if (assembly.size > mostCodeBytes)
    throw new UnsupportedError(`a function of more than ${mostCodeBytes} bytes of code`, { offset: assembly.placed[0]?.wasmOffset, section: 'code' });
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

/** Jumps behind a table, for entries that do not reach their targets. */
interface Islands extends Insertion {
  readonly far: readonly TableFixup[];
  readonly targets: readonly Label[];
}

/**
 * Where table entries do not reach their targets, jumps directly behind the table do; true where some were added. Entries reach forwards only,
 * so the jumps behind one table change no distance of the tables behind it: all are placed at once.
 */
function addIslands(assembly: Assembly, tables: readonly TableFixup[][], branches: NearBranch[]): boolean {
  const islands = tables.flatMap((entries): Islands[] => {
    const far = entries.filter((entry) => tableDistance(assembly, entry) > entry.reach);
    const [first] = far;
    if (first === undefined) return [];
    const at = (assembly.labels[first.from] as number) + entries.length;
    const { wasmOffset } = assembly.placed[at - 1] as PlacedTemplate;
    const targets = [...new Set(far.map(({ target }) => target))];
    return [{ at, far, targets, entries: targets.map((label) => newBranch(first.jump, [], { label }, wasmOffset)) }];
  });
  if (islands.length === 0) return false;
  islands.sort((a, b) => a.at - b.at);
  assembly.insertAll(islands).forEach((labels, index) => {
    const { far, targets, entries } = islands[index] as Islands;
    const labelOf = new Map(targets.map((target, position) => [target, labels[position] as Label]));
    for (const entry of far) entry.target = labelOf.get(entry.target) as Label;
    entries.forEach((entry, position) => {
      if (entry.fixup?.kind === 'relative') branches.push({ entry, fixup: entry.fixup, target: targets[position] as Label });
    });
  });
  return true;
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

/** The functions that are called or jumped to directly. */
export function calleesOf(assembly: Assembly): Set<number> {
  const found = new Set<number>();
  for (const { fixup } of assembly.placed) if (fixup?.kind === 'relative' && 'callee' in fixup.target) found.add(fixup.target.callee);
  return found;
}

/** Leads direct calls to where their callees lie; returns these addresses. */
export function resolveCallees(assembly: Assembly, entryOf: (callee: number) => number): Set<number> {
  const found = new Set<number>();
  for (const { fixup } of assembly.placed) {
    if (fixup?.kind !== 'relative' || !('callee' in fixup.target)) continue;
    const address = entryOf(fixup.target.callee);
    fixup.target = { address };
    found.add(address);
  }
  return found;
}

/**
 * Copies every template and fills its holes, for code that will run at `address`.
 * Returns the code bytes. Throws PatchError where a value does not fit its field.
 */
export function link(assembly: Assembly, address: number): Uint8Array {
  const code = new Uint8Array(assembly.size);
  const view = new DataView(code.buffer);
  for (const entry of assembly.placed) {
    const { fixup, values, offset, template } = entry;
    if (fixup !== undefined) {
      if (fixup.kind === 'relative') values[formOf(fixup).relative] = distance(entry, fixup, targetOffset(assembly, fixup.target, address)) | 0;
      else values[fixup.operand] = tableDistance(assembly, fixup);
    }
    if (!template.fill(view, offset, values)) throw refusal(template, values);
  }
  return code;
}

function targetOffset(assembly: Assembly, target: Target, address: number): number {
  if ('label' in target) return assembly.labelOffset(target.label);
  if ('callee' in target) throw new InternalError(`the code of function ${target.callee} has no place yet`);
  return target.address - address;
}
