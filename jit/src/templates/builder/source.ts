/** Reads template sources (`*.S` with `//@` directives). The format is described in jit/TEMPLATES.md. */
import { InvalidInputError, type Isa } from '@fireball/contracts';
import { derivedFunction, isDerivedName, type DerivedName } from '../derive.js';
import { parseOperand, type SourceOperand } from './operand.js';

interface SourceDerive {
  readonly name: string;
  readonly function: DerivedName;
  /** Names of the base operands. */
  readonly bases: readonly string[];
}

interface SourceLine {
  readonly text: string;
  /** 1-based line in the file. */
  readonly line: number;
}

export interface SourceTemplate {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly version: number;
  readonly doc: string;
  readonly alignment: number;
  readonly operands: readonly SourceOperand[];
  readonly derives: readonly SourceDerive[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly clobbers: readonly string[];
  readonly distinct: readonly (readonly [string, string])[];
  readonly requires: readonly string[];
  readonly body: readonly SourceLine[];
}

export interface SourceFile {
  readonly file: string;
  readonly isa: Isa;
  /** `-mcpu` on Arm, `-march` on RISC-V. */
  readonly cpu: string;
  /** `-mfpu`, Arm only. */
  readonly fpu: string | undefined;
  readonly templates: readonly SourceTemplate[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

interface Draft extends Mutable<SourceTemplate> {
  operands: SourceOperand[];
}

const identifier = /^[a-z][a-z0-9_]*$/;

/** @throws InvalidInputError naming file and line. */
export function parseTemplateSource(file: string, text: string, isa: Isa): SourceFile {
  let cpu: string | undefined;
  let fpu: string | undefined;
  let fileRequires: string[] = [];
  const templates: Draft[] = [];
  let current: Draft | undefined;

  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const fail = (problem: string): never => {
      throw new InvalidInputError(problem, { file, line });
    };
    const trimmed = raw.trim();
    if (!trimmed.startsWith('//@')) {
      const code = stripComment(trimmed);
      if (code === '') return;
      if (current === undefined) return fail('assembly before the first //@ template');
      current.body.push({ text: code, line });
      return;
    }
    const directive = trimmed.slice(3).trim();
    const [keyword = '', ...words] = directive.split(/\s+/);
    const rest = directive.slice(keyword.length).trim();
    const one = (): string => (words.length === 1 && words[0]) || fail(`${keyword} takes one word`);

    if (keyword === 'template') {
      const name = one();
      if (!identifier.test(name)) fail(`template name ${name}: lower-case letters, digits and _ only`);
      current = newDraft(file, line, name, fileRequires);
      templates.push(current);
      return;
    }
    if (current === undefined) {
      if (keyword === 'cpu' && isa === 'thumb2') cpu = one();
      else if (keyword === 'march' && isa === 'rv32') cpu = one();
      else if (keyword === 'fpu' && isa === 'thumb2') fpu = one();
      else if (keyword === 'requires') fileRequires = words;
      else fail(`unknown directive ${keyword} before the first template of a ${isa} file`);
      return;
    }
    readDirective(current, isa, keyword, words, rest, fail);
  });

  if (cpu === undefined) throw new InvalidInputError(`no //@ ${isa === 'thumb2' ? 'cpu' : 'march'} directive`, { file });
  templates.forEach(checkTemplate);
  return { file, isa, cpu, fpu, templates };
}

function newDraft(file: string, line: number, name: string, requires: string[]): Draft {
  return {
    file,
    line,
    name,
    version: 1,
    doc: '',
    alignment: 2,
    operands: [],
    derives: [],
    inputs: [],
    outputs: [],
    clobbers: [],
    distinct: [],
    requires: [...requires],
    body: [],
  };
}

function readDirective(draft: Draft, isa: Isa, keyword: string, words: string[], rest: string, fail: (problem: string) => never): void {
  switch (keyword) {
    case 'doc':
      draft.doc = draft.doc === '' ? rest : `${draft.doc} ${rest}`;
      return;
    case 'version':
    case 'align': {
      const value = Number(rest);
      if (!Number.isInteger(value) || value < 1) fail(`${keyword} takes a positive number`);
      if (keyword === 'version') draft.version = value;
      else if (value === 2 || value === 4) draft.alignment = value;
      else fail('align takes 2 or 4');
      return;
    }
    case 'operand': {
      const [name = '', kind = '', ...args] = words;
      if (!identifier.test(name)) fail(`operand name "${name}": lower-case letters, digits and _ only`);
      if (nameTaken(draft, name)) fail(`operand ${name} is declared twice`);
      if (isDerivedName(kind) && derivedFunction(kind).arity === 1) {
        // Short form: the base operand never stands in the text itself.
        draft.operands.push(parseOperand(isa, name, args.length === 0 ? 'imm32' : 'imm', args, fail));
        draft.derives.push({ name, function: kind, bases: [name] });
        return;
      }
      draft.operands.push(parseOperand(isa, name, kind, args, fail));
      return;
    }
    case 'derive': {
      const [name = '', fn = '', ...bases] = words;
      if (!identifier.test(name)) fail(`derived name "${name}": lower-case letters, digits and _ only`);
      if (nameTaken(draft, name)) fail(`operand ${name} is declared twice`);
      if (!isDerivedName(fn)) return fail(`unknown derived function ${fn}`);
      const { arity } = derivedFunction(fn);
      if (bases.length !== arity) fail(`${fn} takes ${arity} base operand(s)`);
      for (const base of bases) if (!draft.operands.some((operand) => operand.name === base)) fail(`${fn}: ${base} is not an operand declared above`);
      draft.derives.push({ name, function: fn, bases });
      return;
    }
    case 'distinct': {
      if (words.length < 2) fail('distinct takes two or more operands');
      words.forEach((a, index) => {
        for (const b of words.slice(index + 1)) draft.distinct.push([a, b]);
      });
      return;
    }
    case 'inputs':
    case 'outputs':
    case 'clobbers':
    case 'requires':
      draft[keyword].push(...words);
      return;
    default:
      fail(`unknown directive ${keyword}`);
  }
}

function nameTaken(draft: Draft, name: string): boolean {
  return [...draft.operands, ...draft.derives].some((entry) => entry.name === name);
}

function checkTemplate(template: SourceTemplate): void {
  const fail = (problem: string): never => {
    throw new InvalidInputError(`template ${template.name}: ${problem}`, {
      file: template.file,
      line: template.line,
    });
  };
  if (template.body.length === 0) fail('no assembly');
  if (template.doc === '') fail('no //@ doc');
  const registers = template.operands.filter(({ kind }) => kind === 'reg' || kind === 'freg' || kind === 'reglist');
  const isRegister = (name: string): boolean => registers.some((operand) => operand.name === name);
  for (const [list, names] of [
    ['distinct', template.distinct.flat()],
    ['inputs', template.inputs],
    ['outputs', template.outputs],
  ] as const)
    for (const name of names)
      if (!isRegister(name) && (list === 'distinct' || identifierOfOperand(template, name))) fail(`${list}: ${name} is not a register operand`);

  const names = new Set([...template.operands, ...template.derives].map(({ name }) => name));
  const used = new Set<string>();
  for (const { text, line } of template.body)
    for (const [, name = ''] of text.matchAll(/\$\{([^}]*)\}/g)) {
      if (!names.has(name))
        throw new InvalidInputError(`template ${template.name}: \${${name}} is not declared`, {
          file: template.file,
          line,
        });
      used.add(name);
    }
  for (const derive of template.derives) {
    if (!used.has(derive.name)) fail(`${derive.name} is never used`);
    derive.bases.forEach((base) => used.add(base));
  }
  for (const { name } of template.operands) if (!used.has(name)) fail(`${name} is never used`);
}

/** Inputs and outputs may also name fixed resources (`flags`, `memory`, `lr`, ..), but no other operand. */
function identifierOfOperand(template: SourceTemplate, name: string): boolean {
  return template.operands.some((operand) => operand.name === name);
}

function stripComment(text: string): string {
  const at = text.search(/\/\/|(^|\s)@/);
  return (at < 0 ? text : text.slice(0, at)).trim();
}
