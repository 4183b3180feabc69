import { crc32 } from 'node:zlib';
import { InternalError } from '@fireball/contracts';
import { noFeatures, type Features } from '../features.js';
import type { Assembly } from '../expand/assembly.js';
import { writeOperands } from '../expand/placed.js';
import {
  mostValues,
  placedFixup,
  placedForm,
  placedKind,
  placedOffset,
  placedTarget,
  placedTemplate,
  placedValues,
  placedWords,
  toAddress,
  toLabel,
} from '../expand/records.js';
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
export function verifyStructure(assembly: Assembly, code: Uint8Array, entries: readonly EntryRange[], features: Features = noFeatures): number {
  const { words, count, set, kinds, size, address = 0 } = assembly;
  if (code.length !== size) throw new VerifyError(`size ${code.length} differs from the plan's ${size}`, 0, '-');
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  let end = 0;
  for (let at = 0; at < count * placedWords; at += placedWords) {
    const template = set.templates[words[at + placedTemplate] as number]!;
    const offset = words[at + placedOffset] as number;
    if (offset !== end) throw new VerifyError(`expected a template at 0x${end.toString(16)}`, offset, template.name);
    end = offset + template.size;
    if (template.requires.length > 0) checkFeatures(template, features, offset);
    const fixup = words[at + placedFixup];
    let isThere: boolean;
    if (fixup === 0) isThere = template.check(view, offset, words, at + placedValues);
    else {
      writeOperands(assembly, at, operands);
      isThere = template.check(view, offset, operands, 0);
    }
    if (!isThere) throw new VerifyError(problemOf(code, template, offset, fixup === 0 ? words.subarray(at + placedValues) : operands), offset, template.name);
    if (fixup !== toLabel && fixup !== toAddress) continue;
    const { relative } = kinds[words[at + placedKind] as number]!.forms[words[at + placedForm] as number]!;
    const target = offset + template.relativeOrigin(relative) + (operands[relative] as number);
    const absolute = (target + address) >>> 0;
    if (fixup === toLabel && assembly.labelOffset(words[at + placedTarget] as number) === target) continue;
    if (!isEntry(entries, absolute) && !isStart(assembly, target))
      throw new VerifyError(`branch to 0x${absolute.toString(16)}, which is no entry point`, offset, template.name);
  }
  if (end !== size) throw new VerifyError('templates do not fill the code', end, '-');
  return crc32Of(code);
}

/** Of one template at a time. */
const operands = new Int32Array(mostValues);

function checkFeatures({ requires, name }: Template, features: Features, offset: number): void {
  const missing = requires.find((word) => !(features as ReadonlySet<string>).has(word));
  if (missing !== undefined) throw new VerifyError(`the core has no ${missing}`, offset, name);
}

/** Where templates start, or the code ends. */
function isStart({ words, count, size }: Assembly, offset: number): boolean {
  for (let at = 0; at < count * placedWords; at += placedWords) if (words[at + placedOffset] === offset) return true;
  return offset === size;
}

function isEntry(entries: readonly EntryRange[], address: number): boolean {
  return entries.some(({ begin, end }) => address >= begin && address < end);
}

/** Reads the instance back once more, field by field. */
function problemOf(code: Uint8Array, template: Template, offset: number, values: Int32Array): string {
  const fields = readFields(code, offset, template);
  const wrong = template.fields.find((field, index) => fields?.[index] !== ((fieldValue(field, values) >> field.shift) & field.reach));
  return fields === undefined || wrong === undefined ? 'the bytes are no instance of the template' : `hole ${wrong.point.operand} does not hold its value`;
}

/** CRC-32 of code bytes; recorded at installation and checked by audits. */
export function crc32Of(code: Uint8Array): number {
  return crc32(code) >>> 0;
}
