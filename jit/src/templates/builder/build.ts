/**
 * The template builder: sources in, exchange form out. Needs the GNU assembler of the target.
 * Every template is assembled on some hundred probe instances; see learn.ts.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, readInputText, unreadable, type Isa } from '@fireball/contracts';
import {
  archNames,
  schemaVersion,
  type FieldMapJson,
  type OperandJson,
  type PatchPointJson,
  type PatchType,
  type TemplateJson,
  type TemplateSetJson,
} from '../schema.js';
import { assembleFile, assemblerVersion, type Job } from './assemble.js';
import { learn, type Learned, type LearnedField } from './learn.js';
import { openDisassembler, type Disassembler } from './listing.js';
import { planProbes, variablesOf, type ProbePlan } from './probe.js';
import { parseTemplateSource, type SourceFile, type SourceTemplate } from './source.js';

/** Part of the input hash: raise it when the same sources would give another result. */
const builderVersion = 1;

/** A file of template sources. */
export interface TemplateSourceText {
  /** Name for messages and the hash, e.g. `alu.S`. */
  readonly file: string;
  readonly text: string;
}

/**
 * All `*.S` files of a folder, by name.
 * @throws InvalidInputError if there is no such folder
 */
export function readTemplateSources(folder: string): TemplateSourceText[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.S'))
    .sort()
    .map((file) => ({ file, text: readInputText(join(folder, file)) }));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new InvalidInputError(unreadable(folder, error), { file: folder, hint: 'a folder of template sources is wanted' }, { cause: error });
  }
}

/** SHA-256 (hex) over the builder's version and every source's name and text. */
export function hashTemplateSources(sources: readonly TemplateSourceText[]): string {
  const hash = createHash('sha256').update(`fireball templates ${builderVersion}\n`);
  for (const { file, text } of sources) hash.update(`${file}\n${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}

/**
 * @throws InvalidInputError naming file, line, template and probe, for a template that cannot be learned
 * @throws MissingPartError where the assembler is not installed
 */
export async function buildTemplateSet(isa: Isa, sources: readonly TemplateSourceText[]): Promise<TemplateSetJson> {
  const files = sources.map(({ file, text }) => parseTemplateSource(file, text, isa));
  rejectDuplicates(files);
  const disassembler = await openDisassembler(isa);
  try {
    const maps = new Map<string, FieldMapJson>();
    const templates = files.flatMap((file) => buildFile(isa, file, maps, disassembler));
    return {
      schema: schemaVersion,
      arch: archNames[isa],
      inputs_hash: hashTemplateSources(sources),
      assembler: assemblerVersion(isa),
      maps: Object.fromEntries([...maps].sort(([a], [b]) => (a < b ? -1 : 1))),
      templates,
    };
  } finally {
    disassembler.close();
  }
}

function buildFile(isa: Isa, source: SourceFile, maps: Map<string, FieldMapJson>, disassembler: Disassembler): TemplateJson[] {
  const plans: ProbePlan[] = [];
  const jobs = source.templates.map((template): Job => {
    const variables = variablesOf(isa, template);
    const plan = planProbes(isa, template, variables);
    if (plan === undefined)
      throw new InvalidInputError(`template ${template.name}: no operand values fulfil its constraints`, {
        file: template.file,
        line: template.line,
      });
    plans.push(plan);
    return { template, variables, probes: [...plan.train, ...plan.prove] };
  });
  const assembled = assembleFile(source, jobs);
  return jobs.flatMap((job, index): TemplateJson[] => {
    const plan = plans[index];
    const instances = assembled[index];
    if (plan === undefined || instances === undefined) return [];
    const learned = learn(isa, job, plan, instances);
    const listing = disassembler.lines(instances.instances[0] ?? learned.bytes);
    return [templateJson(isa, source, job.template, learned, listing, maps)];
  });
}

function rejectDuplicates(files: readonly SourceFile[]): void {
  const seen = new Map<string, string>();
  for (const { templates } of files)
    for (const { name, file, line } of templates) {
      const other = seen.get(name);
      if (other !== undefined) throw new InvalidInputError(`template ${name} is also defined in ${other}`, { file, line });
      seen.set(name, `${file}, line ${line}`);
    }
}

function templateJson(
  isa: Isa,
  source: SourceFile,
  template: SourceTemplate,
  learned: Learned,
  listing: readonly string[],
  maps: Map<string, FieldMapJson>,
): TemplateJson {
  return {
    template_id: template.name,
    arch: archNames[isa],
    version: template.version,
    cpu: source.fpu === undefined ? source.cpu : `${source.cpu}+${source.fpu}`,
    size: learned.bytes.length,
    alignment: template.alignment,
    doc: template.doc,
    bytes: Buffer.from(learned.bytes).toString('hex'),
    operands: template.operands.map(operandJson),
    patch_points: [...learned.fields].sort((a, b) => a.offset - b.offset).map((field) => patchPointJson(template, field, maps)),
    inputs: template.inputs,
    outputs: template.outputs,
    clobbers: template.clobbers,
    distinct: template.distinct,
    requires: template.requires,
    listing,
  };
}

function operandJson({ name, kind, min, max, step, excluded, values, least }: OperandJson): OperandJson {
  return {
    name,
    kind,
    min,
    max,
    ...(step === undefined ? {} : { step }),
    ...(excluded === undefined ? {} : { excluded }),
    ...(values === undefined ? {} : { values }),
    ...(least === undefined ? {} : { least }),
  };
}

function patchPointJson(template: SourceTemplate, { variable, offset, unit, shift, masks }: LearnedField, maps: Map<string, FieldMapJson>): PatchPointJson {
  const operand = template.operands[variable.operand];
  const derive = template.derives.find(({ name }) => name === variable.name);
  const partner = variable.with === undefined ? undefined : template.operands[variable.with]?.name;
  const map = mapName(unit, masks);
  maps.set(map, { unit, masks: masks.map((mask) => mask.toString(16)) });
  return {
    offset,
    type: patchType(operand?.kind ?? 'imm', variable.bits),
    operand: operand?.name ?? '',
    map,
    ...(shift === 0 ? {} : { shift }),
    ...(derive === undefined ? {} : { derive: derive.function }),
    ...(partner === undefined ? {} : { with: partner }),
    ...(variable.bias === 0 ? {} : { bias: variable.bias }),
  };
}

function patchType(kind: OperandJson['kind'], bits: number): PatchType {
  if (kind === 'imm' || kind === 'imm32') return bits <= 8 ? 'imm8' : bits <= 12 ? 'imm12' : bits <= 16 ? 'imm16' : 'imm32';
  return kind;
}

/** `4@8+5`: 5 consecutive bits from bit 8 of a 4-byte instruction. Other maps are named by their content. */
function mapName(unit: number, masks: readonly number[]): string {
  const lowest = Math.log2(masks[0] ?? 0);
  if (Number.isInteger(lowest) && masks.every((mask, bit) => mask === 2 ** (lowest + bit))) return `${unit}@${lowest}+${masks.length}`;
  const content = createHash('sha256').update(`${unit}:${masks.join()}`).digest('hex');
  return `${unit}#${content.slice(0, 8)}`;
}
