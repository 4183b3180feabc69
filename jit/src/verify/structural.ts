import { crc32 } from 'node:zlib';
import { InternalError } from '@fireball/contracts';
import * as layout from '../core/layout/placing.js';
import { noFeatures, type Features } from '../features.js';
import type { Assembly } from '../expand/assembly.js';
import { PlacedTemplate } from '../expand/placed.js';
import { takePlacer, type EntryRange, type Placer, type Verdict } from '../instance/placer.js';
import { fieldValue, readFields } from '../patch/index.js';

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
  entries: readonly EntryRange[],
  features: Features = noFeatures,
  placer = takePlacer(),
): number {
  if (code.length !== assembly.size) throw new VerifyError(`size ${code.length} differs from the plan's ${assembly.size}`, 0, '-');
  placer.load(assembly, code);
  return verifyStaging(placer, assembly, entries, noCallees, features);
}

const noCallees: ReadonlySet<number> = new Set();

/** As `verifyStructure`, for what a placer has linked. `callees`: addresses of functions that the code may branch to, too. */
export function verifyStaging(placer: Placer, assembly: Assembly, entries: readonly EntryRange[], callees: ReadonlySet<number>, features: Features): number {
  const verdict = placer.verify(entries, callees, features);
  if (verdict.status !== layout.fine) throw refusalOf(assembly, placer.staging, verdict, features);
  return placer.crc32();
}

function refusalOf(assembly: Assembly, code: Uint8Array, { status, index }: Verdict, features: Features): VerifyError {
  if (status === layout.notFilled) return new VerifyError('templates do not fill the code', endOf(assembly), '-');
  if (status === layout.gap)
    return new VerifyError(`label ${index} is bound where no template begins that labels are bound to`, assembly.labelOffset(index), '-');
  const placed = new PlacedTemplate(assembly, index);
  const { template, offset, target } = placed;
  const refused = (problem: string): VerifyError => new VerifyError(problem, offset, template.name);
  if (status === layout.lacksFeature) return refused(`the core has no ${template.requires.find((word) => !(features as ReadonlySet<string>).has(word))}`);
  if (status === layout.noEntry && target !== undefined && 'address' in target)
    return refused(`branch to 0x${target.address.toString(16)}, which is no entry point`);
  return refused(problemOf(code, placed));
}

/** Behind the last template. */
function endOf(assembly: Assembly): number {
  const last = assembly.indices.at(-1);
  if (last === undefined) return 0;
  const { offset, template } = new PlacedTemplate(assembly, last);
  return offset + template.size;
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
