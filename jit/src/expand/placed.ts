/** Placed templates as others than the compile path see them. */
import { InternalError } from '@fireball/contracts';
import type { Template } from '../templates/index.js';
import { siteRoles, type Assembly, type Label, type SharedCheck, type SiteRole } from './assembly.js';
import type { BranchForm, BranchForms } from './branch-forms.js';
import {
  checkShift,
  placedFixup,
  placedForm,
  placedKind,
  placedNote,
  placedOffset,
  placedTarget,
  placedTemplate,
  placedUnsigned,
  placedValues,
  placedWasm,
  placedWords,
  tableFixup,
  toAddress,
  toCallee,
  toLabel,
} from '../core/layout/placed.js';

const roleMask = (1 << checkShift) - 1;

/** What a branch leads to. */
type Target = { readonly label: Label } | { readonly address: number } | { readonly callee: number };

/** One placed template of an assembly. */
export class PlacedTemplate {
  private readonly at: number;

  constructor(
    private readonly assembly: Assembly,
    index: number,
  ) {
    this.at = index * placedWords;
  }

  private word(field: number): number {
    return this.assembly.words[this.at + field] as number;
  }

  get template(): Template {
    return this.assembly.set.templates[this.word(placedTemplate)] as Template;
  }

  /** Byte offset from the start of the function, once that is laid out. */
  get offset(): number {
    return this.word(placedOffset);
  }

  /** Offset of the wasm instruction, from the start of the module. */
  get wasmOffset(): number {
    return this.word(placedWasm);
  }

  get role(): SiteRole | undefined {
    return siteRoles[(this.word(placedNote) & roleMask) - 1];
  }

  get sharedCheck(): SharedCheck | undefined {
    return this.assembly.sharedChecks[(this.word(placedNote) >> checkShift) - 1];
  }

  /** Where a branch leads; undefined for what is none. */
  get target(): Target | undefined {
    const target = this.word(placedTarget);
    const fixup = this.word(placedFixup);
    if (fixup === toLabel) return { label: target };
    if (fixup === toAddress) return { address: target >>> 0 };
    return fixup === toCallee ? { callee: target } : undefined;
  }

  /** Of a branch. */
  get kind(): BranchForms {
    return this.assembly.kinds[this.word(placedKind)] as BranchForms;
  }

  get form(): BranchForm {
    return this.kind.forms[this.word(placedForm)] as BranchForm;
  }

  /** Of an entry of a table: where the table begins, and where the entry leads. */
  get entry(): { readonly from: Label; readonly target: Label } | undefined {
    return this.word(placedFixup) === tableFixup ? { from: this.word(placedValues), target: this.word(placedTarget) } : undefined;
  }

  /** One value of a branch, or of a template that leads nowhere. */
  value(index: number): number {
    const value = this.word(placedValues + index);
    return this.word(placedFixup) === 0 && (this.word(placedUnsigned) >> index) & 1 ? value >>> 0 : value;
  }

  /** What fills its holes, in the order of the template's operands; distances once the code is linked. */
  get values(): number[] {
    const { assembly, at, template } = this;
    if (this.word(placedFixup) === 0) return template.operands.map(({ index }) => this.value(index));
    const values = new Int32Array(template.operands.length);
    writeOperands(assembly, at, values);
    return [...values];
  }
}

/** All of them, in their order. */
export function placedTemplates(assembly: Assembly): PlacedTemplate[] {
  return Array.from({ length: assembly.count }, (_, index) => new PlacedTemplate(assembly, index));
}

/** Writes the operands of the template at word `at`, which is a branch or an entry of a table. */
function writeOperands(assembly: Assembly, at: number, operands: Int32Array): void {
  const { words } = assembly;
  if (words[at + placedFixup] === tableFixup) {
    operands[0] = (assembly.labelOffset(words[at + placedTarget] as number) - assembly.labelOffset(words[at + placedValues] as number)) >> 1;
    return;
  }
  const { template, relative, sources } = assembly.kinds[words[at + placedKind] as number]!.forms[words[at + placedForm] as number] as BranchForm;
  for (let index = 0, operand = 0; index < sources.length; index++, operand++) {
    if (operand === relative) operand++;
    const source = sources[index] as number;
    operands[operand] = source < 0 ? (words[at + placedValues + ~source] as number) ^ 1 : (words[at + placedValues + source] as number);
  }
  // It counts from the start of the branch instruction inside the template.
  operands[relative] = targetOffset(assembly, at) - ((words[at + placedOffset] as number) + template.relativeOrigin(relative));
}

function targetOffset(assembly: Assembly, at: number): number {
  const target = assembly.words[at + placedTarget] as number;
  const fixup = assembly.words[at + placedFixup];
  if (fixup === toLabel) return assembly.labelOffset(target);
  if (fixup !== toAddress) throw new InternalError(`the code of function ${target} has no place yet`);
  if (assembly.address === undefined) throw new InternalError('the code has no address yet');
  return target - assembly.address;
}
