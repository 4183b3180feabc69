/** Reads generated template sets. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInputError, UnsupportedError, type Isa } from '@fireball/contracts';
import { archNames } from './schema.js';
import { TemplateSet } from './template.js';
import { validateTemplateSet } from './validate.js';

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
  if (!existsSync(file)) throw new InvalidInputError('no such template set', { file, hint: 'build it from assembly' });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InvalidInputError(`not JSON: ${(error as Error).message}`, { file }, { cause: error });
  }
  try {
    const set = validateTemplateSet(json);
    if (set.arch !== archNames[isa])
      throw new InvalidInputError(`arch is ${set.arch}, ${archNames[isa]} expected`, { file });
    return new TemplateSet(set);
  } catch (error) {
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(file) : error;
  }
}
