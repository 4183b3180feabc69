import { crc32 } from 'node:zlib';
import { InternalError } from '@fireball/contracts';
import { noFeatures, type Features } from '../features.js';
import type { Assembly, PlacedTemplate, Target } from '../expand/assembly.js';
import { fieldValue, readFields } from '../patch/index.js';
import type { Template } from '../templates/index.js';

/** An address range that generated code may branch to outside its own function. */
export interface EntryRange {
  readonly begin: number;
  readonly end: number;
}

/** The code breaks a rule of its own making: never installed. */
export class VerifyError extends InternalError {
  constructor(
    readonly problem: string,
    readonly codeOffset: number,
    readonly template: string,
  ) {
    super(`structural verification: ${problem} at code offset 0x${codeOffset.toString(16)} (template ${template})`);
  }
}

/**
 * The cheap check that runs on everything before installation: templates tile the code without gaps,
 * every byte outside patch fields is the template's own, every field decodes to the value that was
 * put in (so each was filled exactly once), every branch lands on a template start of this function
 * or in `entries`, no template needs what the core lacks (`features`). Returns the CRC-32 of the code (ISO-HDLC, as zlib computes it).
 */
export function verifyStructure(
  assembly: Assembly,
  code: Uint8Array,
  address: number,
  entries: readonly EntryRange[],
  features: Features = noFeatures,
): number {
  if (code.length !== assembly.size) throw new VerifyError(`size ${code.length} differs from the plan's ${assembly.size}`, 0, '-');
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  let end = 0;
  for (const entry of assembly.placed) {
    const { template, offset } = entry;
    if (offset !== end) throw new VerifyError(`expected a template at 0x${end.toString(16)}`, offset, template.name);
    end = offset + template.size;
    if (template.requires.length > 0) checkFeatures(template, features, offset);
    if (!template.check(view, offset, entry.values)) throw new VerifyError(problemOf(code, entry), offset, template.name);
    if (entry.fixup?.kind !== 'relative') continue;
    const form = entry.fixup.forms[entry.fixup.form];
    if (form === undefined) throw new VerifyError('branch without a form', offset, template.name);
    const target = offset + template.relativeOrigin(form.relative) + (entry.values[form.relative] ?? 0);
    const absolute = (target + address) >>> 0;
    if (!isAt(assembly, entry.fixup.target, target) && !isEntry(entries, absolute) && !isStart(assembly, target))
      throw new VerifyError(`branch to 0x${absolute.toString(16)}, which is no entry point`, offset, template.name);
  }
  if (end !== assembly.size) throw new VerifyError('templates do not fill the code', end, '-');
  return crc32Of(code);
}

function checkFeatures({ requires, name }: Template, features: Features, offset: number): void {
  const missing = requires.find((word) => !(features as ReadonlySet<string>).has(word));
  if (missing !== undefined) throw new VerifyError(`the core has no ${missing}`, offset, name);
}

/** Labels are where templates start, or the code ends. */
function isAt(assembly: Assembly, target: Target, offset: number): boolean {
  return 'label' in target && assembly.labelOffset(target.label) === offset;
}

function isStart({ placed, size }: Assembly, offset: number): boolean {
  return offset === size || placed.some((entry) => entry.offset === offset);
}

function isEntry(entries: readonly EntryRange[], address: number): boolean {
  return entries.some(({ begin, end }) => address >= begin && address < end);
}

/** Reads the instance back once more, field by field. */
function problemOf(code: Uint8Array, { template, offset, values }: PlacedTemplate): string {
  const fields = readFields(code, offset, template);
  const wrong = template.fields.find((field, index) => fields?.[index] !== ((fieldValue(field, values) >> field.shift) & field.reach));
  return fields === undefined || wrong === undefined ? 'the bytes are no instance of the template' : `hole ${wrong.point.operand} does not hold its value`;
}

/** CRC-32 of code bytes; recorded at installation and checked by audits. */
export function crc32Of(code: Uint8Array): number {
  return crc32(code) >>> 0;
}
