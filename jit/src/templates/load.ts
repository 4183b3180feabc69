/** Reads generated template sets. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInputError, readInputText, UnsupportedError, type Isa } from '@fireball/contracts';
import { checkInterface } from './interface.js';
import { archNames } from './schema.js';
import { TemplateSet } from './template.js';
import { validateTemplateSet } from './validate.js';

const buildAgain = 'correct its source and build it again: fireball templates build';

/** The same from src/templates and from dist/templates. */
const builtIn = fileURLToPath(new URL('../../templates/generated/', import.meta.url));

const loaded = new Map<Isa, TemplateSet>();

/** The built-in set; read and checked once per process. */
export function loadTemplates(isa: Isa): TemplateSet {
  let set = loaded.get(isa);
  if (set === undefined) {
    set = loadTemplatesFrom(builtIn, isa);
    loaded.set(isa, set);
  }
  return set;
}

/**
 * The set of `directory/{thumb2,rv32}.json`.
 * @throws InvalidInputError naming file, template and field
 * @throws UnsupportedError for a set of another schema version
 */
export function loadTemplatesFrom(directory: string, isa: Isa): TemplateSet {
  const file = join(directory, `${isa}.json`);
  const text = readSet(directory, file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`not JSON: ${(error as Error).message}`, { file, hint: buildAgain }, { cause: error });
  }
  try {
    const set = validateTemplateSet(json);
    if (set.arch !== archNames[isa]) throw new InvalidInputError(`arch is ${set.arch}, ${archNames[isa]} expected`, { file });
    if (directory !== builtIn) checkInterface(set, loadTemplates(isa).json);
    return new TemplateSet(set, file);
  } catch (error) {
    if (error instanceof InvalidInputError) throw new InvalidInputError(error.problem, { hint: buildAgain, ...error.facts, file }, { cause: error });
    throw error instanceof UnsupportedError ? error.inFile(file) : error;
  }
}

/** The text of a set, or what keeps it from being read. */
function readSet(directory: string, file: string): string {
  const hint = 'a folder with thumb2.json and rv32.json is wanted, as jit/TEMPLATES.md tells';
  if (!existsSync(directory)) throw new InvalidInputError('no such template folder', { file: directory, hint });
  if (!statSync(directory).isDirectory()) throw new InvalidInputError('is no folder of template sets', { file: directory, hint });
  if (!existsSync(file)) throw new InvalidInputError('no such template set', { file, hint });
  return readInputText(file);
}
