/**
 * Golden code: jit/goldens/wat/FAMILY/NAME.wat compiled for each target must give the listing in
 * jit/goldens/TARGET/FAMILY/NAME.txt, by the baseline compiler that in TARGET-baseline; the family `floats` for the cores with a floating-point unit. FIREBALL_BLESS=1 writes the listings anew; read the difference before committing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDisassembler, type Disassembler } from './templates/builder/listing.js';
import { loadTemplates } from './templates/index.js';
import { goldenEnvironment, goldens, goldenTargets, listModule } from './testing/golden.js';
import { moduleOfText } from './testing/module.js';

const bless = process.env['FIREBALL_BLESS'] === '1';

describe.each(goldenTargets())('golden code of $folder', ({ folder, isa, features, compiler, cases }) => {
  const templates = loadTemplates(isa);
  let disassembler: Disassembler;
  beforeAll(async () => {
    disassembler = await openDisassembler(isa);
    if (bless) rmSync(join(goldens, folder), { recursive: true, force: true });
  });
  afterAll(() => {
    disassembler.close();
  });

  it.each(cases)('%s', (name) => {
    const text = readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8');
    const validated = moduleOfText(text);
    const listing = listModule(templates, disassembler, validated, { ...goldenEnvironment(text, validated, features), compiler });
    const file = join(goldens, folder, `${name}.txt`);
    if (bless) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, listing);
    }
    expect(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : 'no golden listing; FIREBALL_BLESS=1 writes it').toEqual(listing.split('\n'));
  });

  it('has no listing without its module', () => {
    const listings = readdirSync(join(goldens, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.txt'));
    expect(listings.map((name) => name.replace(/\.txt$/, '')).sort()).toEqual(cases);
  });
});
