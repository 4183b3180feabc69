import { InternalError, UnsupportedError } from '@fireball/contracts';
import { patch } from '../patch/index.js';
import { formValues, type Assembly, type PlacedTemplate, type Target } from './assembly.js';

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

/**
 * Fixes every template's offset. Branches start in their nearest form and only ever widen, so the
 * iteration ends; branches to addresses outside the function take their widest form at once,
 * because the function's own address is not known yet (hazard 7).
 */
export function layOut(assembly: Assembly): void {
  for (const entry of assembly.placed) {
    if (entry.fixup?.kind === 'relative' && 'address' in entry.fixup.target) {
      useForm(entry, entry.fixup.forms.length - 1);
    }
  }
  for (;;) {
    assignOffsets(assembly);
    let widened = false;
    for (const entry of assembly.placed) {
      if (entry.fixup?.kind !== 'relative' || 'address' in entry.fixup.target) continue;
      const target = assembly.labelOffset(entry.fixup.target.label);
      while (!reaches(entry, target)) {
        if (entry.fixup.form + 1 >= entry.fixup.forms.length) {
          throw new UnsupportedError('a function whose branches exceed the widest branch form', {
            offset: entry.wasmOffset,
          });
        }
        useForm(entry, entry.fixup.form + 1);
        widened = true;
      }
    }
    if (!widened) break;
  }
  if (assembly.size > maxCodeBytes) throw new UnsupportedError(`a function of ${assembly.size} code bytes`);
}

function useForm(entry: PlacedTemplate, form: number): void {
  const fixup = entry.fixup;
  if (fixup?.kind !== 'relative') throw new InternalError('not a branch');
  const chosen = fixup.forms[form];
  if (chosen === undefined) throw new InternalError('no such branch form');
  fixup.form = form;
  entry.template = chosen.template;
  entry.values = formValues(chosen, fixup.values);
}

/** The operand's distance counts from the start of the branch instruction inside the template. */
function distance(entry: PlacedTemplate, target: number): number {
  if (entry.fixup?.kind !== 'relative') throw new InternalError('not a branch');
  const form = entry.fixup.forms[entry.fixup.form];
  if (form === undefined) throw new InternalError('no such branch form');
  return target - (entry.offset + entry.template.relativeOrigin(form.relative));
}

function reaches(entry: PlacedTemplate, target: number): boolean {
  if (entry.fixup?.kind !== 'relative') return true;
  const form = entry.fixup.forms[entry.fixup.form];
  if (form === undefined) return false;
  const operand = entry.template.operands[form.relative];
  const value = distance(entry, target);
  return operand !== undefined && value >= operand.min && value <= operand.max && !operand.excluded?.includes(value);
}

/**
 * Copies every template and fills its holes, for code that will run at `address`.
 * Returns the code bytes. Throws PatchError where a value does not fit its field.
 */
export function link(assembly: Assembly, address: number): Uint8Array {
  const code = new Uint8Array(assembly.size);
  for (const entry of assembly.placed) {
    const fixup = entry.fixup;
    if (fixup?.kind === 'relative') {
      const form = fixup.forms[fixup.form];
      if (form === undefined) throw new InternalError('no such branch form');
      entry.values[form.relative] = distance(entry, targetOffset(assembly, fixup.target, address));
    } else if (fixup?.kind === 'table') {
      entry.values[fixup.operand] = (assembly.labelOffset(fixup.target) - assembly.labelOffset(fixup.from)) >> 1;
    }
    patch(code, entry.offset, entry.template, entry.values);
  }
  return code;
}

function targetOffset(assembly: Assembly, target: Target, address: number): number {
  return 'label' in target ? assembly.labelOffset(target.label) : target.address - address;
}
