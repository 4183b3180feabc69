import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import { hashTemplateSources, readTemplateSources } from './builder/index.js';
import { listTemplates, showTemplate } from './format.js';
import { loadTemplates, loadTemplatesFrom } from './load.js';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));

describe.each(['thumb2', 'rv32'] as const)('the built-in %s set', (isa) => {
  const set = loadTemplates(isa);

  it('belongs to the committed sources (else: pnpm templates:build)', () => {
    expect(set.json.inputs_hash).toBe(hashTemplateSources(readTemplateSources(join(templates, isa))));
  });

  it('is loaded once', () => {
    expect(loadTemplates(isa)).toBe(set);
    expect(set.isa).toBe(isa);
  });

  it('lists and shows every template', () => {
    const rows = listTemplates(set);
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => index));
    for (const { name, size } of rows) {
      const text = showTemplate(set, name);
      expect(text).toContain(name);
      expect(text).toContain(`${size} bytes`);
      expect(set.find(name)?.size).toBe(size);
    }
  });

  it('refuses unknown templates by name', () => {
    expect(() => set.require('nonesuch')).toThrow(`the ${isa} template set has no template nonesuch`);
    expect(set.find('nonesuch')).toBeUndefined();
  });
});

describe('loadTemplatesFrom', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fireball-load-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['no file', undefined, /rv32\.json: no such template set/],
    ['no JSON', '{', /rv32\.json: not JSON/],
    ['no set', '[]', /rv32\.json: template set: an object expected/],
    ['another schema', '{"schema":9}', /rv32\.json: not supported: template schema version 9/],
    ['another target', JSON.stringify(loadTemplates('thumb2').json), /rv32\.json: arch is arm-thumb2/],
  ])('%s', (_, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, 'rv32.json'), text);
    expect(() => loadTemplatesFrom(folder, 'rv32')).toThrow(message);
    expect(() => loadTemplatesFrom(folder, 'rv32')).toThrow(FireballError);
  });

  it('refuses a folder of sources that does not exist', () => {
    expect(() => readTemplateSources(join(folder, 'none'))).toThrow(/none: cannot be read: no such file .*a folder of template sources is wanted/);
  });

  it('reads a set of the user', () => {
    writeFileSync(join(folder, 'rv32.json'), JSON.stringify(loadTemplates('rv32').json));
    expect(loadTemplatesFrom(folder, 'rv32').templates).toHaveLength(loadTemplates('rv32').templates.length);
  });
});
