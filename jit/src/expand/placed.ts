/** Placed templates as others than the compile path see them. */
import { InternalError } from '@fireball/contracts';
import type { Template } from '../templates/index.js';
import { siteRoles, type Assembly, type Label, type SharedCheck, type SiteRole } from './assembly.js';
import type { BranchForm, BranchForms } from './branch-forms.js';
import {
  fixupOf,
  formOf,
  kindOf,
  mostOperandsOfBytes,
  noFixup,
  placedBytes,
  placedHead,
  placedLast,
  placedWords,
  roleOf,
  tableFixup,
  templateBits,
  toAddress,
  toCallee,
  toLabel,
  unsignedLast,
} from '../core/layout/placed.js';

/** What a branch leads to. */
type Target = { readonly label: Label } | { readonly address: number } | { readonly callee: number };

/** One placed template of an assembly. */
export class PlacedTemplate {
  private readonly at: number;

  constructor(
    private readonly assembly: Assembly,
    private readonly index: number,
  ) {
    this.at = index * placedWords;
  }

  private word(field: number): number {
    return this.assembly.words[this.at + field] as number;
  }

  private get head(): number {
    return this.word(placedHead);
  }

  private get fixup(): number {
    return fixupOf(this.head);
  }

  get template(): Template {
    return this.assembly.set.templates[this.head & templateBits] as Template;
  }

  /** Byte offset from the start of the function, once that is laid out. */
  get offset(): number {
    return this.assembly.offsetOf(this.index);
  }

  /** Offset of the wasm instruction, from the start of the module. */
  get wasmOffset(): number {
    return this.assembly.wasmOffsetOf(this.index);
  }

  get role(): SiteRole | undefined {
    return siteRoles[roleOf(this.head) - 1];
  }

  get sharedCheck(): SharedCheck | undefined {
    return this.assembly.sharedCheckAt(this.index);
  }

  /** Where a branch leads; undefined for what is none. */
  get target(): Target | undefined {
    const target = this.word(placedLast);
    const { fixup } = this;
    if (fixup === toLabel) return { label: target };
    if (fixup === toAddress) return { address: target >>> 0 };
    return fixup === toCallee ? { callee: target } : undefined;
  }

  /** Of a branch. */
  get kind(): BranchForms {
    return this.assembly.kinds[kindOf(this.head)] as BranchForms;
  }

  get form(): BranchForm {
    return this.kind.forms[formOf(this.head)] as BranchForm;
  }

  /** Of an entry of a table: where the table begins, and where the entry leads. */
  get entry(): { readonly from: Label; readonly target: Label } | undefined {
    return this.fixup === tableFixup ? { from: this.word(placedBytes), target: this.word(placedLast) } : undefined;
  }

  /** One value of a branch, or of a template that leads nowhere. */
  value(index: number): number {
    const last = this.template.operands.length - 1;
    if (this.fixup !== noFixup || index !== last || last >= mostOperandsOfBytes) return byteOf(this.assembly, this.at, index);
    return (this.head & unsignedLast) === 0 ? this.word(placedLast) : this.word(placedLast) >>> 0;
  }

  /** What fills its holes, in the order of the template's operands; distances once the code is linked. */
  get values(): number[] {
    const { assembly, template } = this;
    if (this.fixup === noFixup) return template.operands.map(({ index }) => this.value(index));
    const values = new Int32Array(template.operands.length);
    if (this.entry !== undefined) values[0] = (assembly.labelOffset(this.entry.target) - assembly.labelOffset(this.entry.from)) >> 1;
    else writeOperands(assembly, this.index, this.form, values);
    return [...values];
  }
}

function byteOf({ words }: Assembly, at: number, index: number): number {
  return (words[at + placedBytes + (index >> 2)]! >>> (8 * (index & 3))) & 0xff;
}

/** All of them, in their order. */
export function placedTemplates(assembly: Assembly): PlacedTemplate[] {
  return Array.from(assembly.indices, (index) => new PlacedTemplate(assembly, index));
}

/** The last that begins at this offset or before, once the code is laid out. */
export function placedAt(assembly: Assembly, offset: number): PlacedTemplate | undefined {
  const { indices } = assembly;
  let [low, high] = [0, indices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (assembly.offsetOf(indices[middle]!) <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : new PlacedTemplate(assembly, indices[low - 1]!);
}

/** Writes the operands of the branch at an index. */
function writeOperands(assembly: Assembly, branch: number, { template, relative, sources }: BranchForm, operands: Int32Array): void {
  const at = branch * placedWords;
  for (let index = 0, operand = 0; index < sources.length; index++, operand++) {
    if (operand === relative) operand++;
    const source = sources[index] as number;
    operands[operand] = source < 0 ? byteOf(assembly, at, ~source) ^ 1 : byteOf(assembly, at, source);
  }
  // It counts from the start of the branch instruction inside the template.
  operands[relative] = targetOffset(assembly, at) - (assembly.offsetOf(branch) + template.relativeOrigin(relative));
}

function targetOffset(assembly: Assembly, at: number): number {
  const target = assembly.words[at + placedLast] as number;
  const fixup = fixupOf(assembly.words[at + placedHead]!);
  if (fixup === toLabel) return assembly.labelOffset(target);
  if (fixup !== toAddress) throw new InternalError(`the code of function ${target} has no place yet`);
  if (assembly.address === undefined) throw new InternalError('the code has no address yet');
  return target - assembly.address;
}
