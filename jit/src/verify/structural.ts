import { crc32 } from 'node:zlib';
import { InternalError } from '@fireball/contracts';
import { noFeatures, type Features } from '../features.js';
import type { Assembly } from '../expand/assembly.js';
import { fieldValue, keepsFixedBits, readField } from '../patch/index.js';
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
  // 1 where a template starts, and at the end.
  const starts = new Uint8Array(assembly.size + 1);
  for (const { offset } of assembly.placed) starts[offset] = 1;
  starts[assembly.size] = 1;
  let end = 0;
  for (const entry of assembly.placed) {
    const { template, offset } = entry;
    if (offset !== end) throw new VerifyError(`expected a template at 0x${end.toString(16)}`, offset, template.name);
    end = offset + template.size;
    const missing = template.json.requires.find((word) => !(features as ReadonlySet<string>).has(word));
    if (missing !== undefined) throw new VerifyError(`the core has no ${missing}`, offset, template.name);
    verifyInstance(code, offset, template, entry.values);
    if (entry.fixup?.kind !== 'relative') continue;
    const form = entry.fixup.forms[entry.fixup.form];
    if (form === undefined) throw new VerifyError('branch without a form', offset, template.name);
    const target = offset + template.relativeOrigin(form.relative) + (entry.values[form.relative] ?? 0);
    const absolute = (target + address) >>> 0;
    const inside = starts[target] === 1;
    if (!inside && !entries.some((range) => absolute >= range.begin && absolute < range.end)) {
      throw new VerifyError(`branch to 0x${absolute.toString(16)}, which is no entry point`, offset, template.name);
    }
  }
  if (end !== assembly.size) throw new VerifyError('templates do not fill the code', end, '-');
  return crc32Of(code);
}

/** Reads the instance back from the code, independently of the patcher's scatter. */
function verifyInstance(code: Uint8Array, offset: number, template: Template, values: readonly number[]): void {
  if (!keepsFixedBits(code, offset, template)) throw new VerifyError('the bytes are no instance of the template', offset, template.name);
  for (const field of template.fields) {
    if (readField(code, offset, template, field) !== ((fieldValue(field, values) >> field.shift) & field.reach)) {
      throw new VerifyError(`hole ${field.point.operand} does not hold its value`, offset, template.name);
    }
  }
}

/** CRC-32 of code bytes; recorded at installation and checked by audits. */
export function crc32Of(code: Uint8Array): number {
  return crc32(code) >>> 0;
}
