/** Template sets with a planted fault. */
import type { Isa } from '@fireball/contracts';
import {
  cores,
  featuresOf,
  loadTemplates,
  seededRandom,
  TemplateSet,
  validateTemplateSet,
  type Template,
  type TemplateJson,
  type TemplateSetJson,
} from '@fireball/jit';
import { TemplateBench } from '../templates/bench.js';
import { planInstances, type Instance } from '../templates/instances.js';
import type { ModelTable, TemplateModel } from '../templates/model.js';
import { models } from '../templates/models/index.js';

export const cpus = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const satisfies Record<Isa, string>;
export const isas = ['thumb2', 'rv32'] as const satisfies readonly Isa[];

function modelOf(isa: Isa, name: string): TemplateModel {
  const table: ModelTable = models[isa];
  const model = table[name];
  if (model === undefined) throw new RangeError(`no model of ${name}`);
  return model;
}

/** The set with one template changed; not validated. */
export function withTemplate(set: TemplateSetJson, name: string, change: (template: TemplateJson) => TemplateJson): TemplateSetJson {
  return { ...set, templates: set.templates.map((template) => (template.template_id === name ? change(template) : template)) };
}

/** The template with one bit of its bytes inverted. */
export function flipBit(template: TemplateJson, bit: number): TemplateJson {
  const bytes = Buffer.from(template.bytes, 'hex');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return { ...template, bytes: bytes.toString('hex') };
}

/** The static checks of a set: true if they refuse it. */
export function refusedStatically(set: TemplateSetJson): boolean {
  try {
    validateTemplateSet(JSON.parse(JSON.stringify(set)));
    return false;
  } catch {
    return true;
  }
}

/** The default core, or another one where that lacks what the template requires. */
function coreFor(isa: Isa, { json }: Template): string {
  const fits = (cpu: string): boolean => json.requires.every((word) => (featuresOf(isa, cpu) as ReadonlySet<string>).has(word));
  return [cpus[isa], ...Object.keys(cores[isa])].find(fits) ?? cpus[isa];
}

/**
 * The template-alone test, stopped at its first failure. Each mutant has a CPU of its own: its code
 * may change modes and masks that nothing else would set back.
 * @returns the failure, or undefined
 */
export function failureAlone(isa: Isa, template: Template, instances?: readonly Instance[]): string | undefined {
  const bench = new TemplateBench(isa, coreFor(isa, template), loadTemplates(isa));
  try {
    return bench.check(template, modelOf(isa, template.name), { runs: 500 }, instances).failure;
  } finally {
    bench.close();
  }
}

/** The same instances for every mutant of a template whose operands are unchanged. */
export function instancesOf(isa: Isa, template: Template): Instance[] {
  return planInstances(template, modelOf(isa, template.name), seededRandom(template.name));
}

/** One template of a changed set. */
export function templateOf(set: TemplateSetJson, name: string): Template {
  return new TemplateSet(set).require(name);
}
