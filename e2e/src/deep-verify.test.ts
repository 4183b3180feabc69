import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cores, DeepVerifier } from '@fireball/jit';
import { createVsoc } from '@fireball/vsoc';
import { campaignTable, mutationCampaign, type CampaignRow } from './mutation/campaign.js';
import { damageKinds } from './mutation/damage.js';
import { load, native, reference } from './mutation/pipeline.js';
import { subjects } from './mutation/subject.js';
import { moduleOfText, targets } from './testing/native.js';

const kernels = new URL('../../packages/kernels/data/wasm/', import.meta.url);
/** Mutants of each kind and target: a small sample, unless a long run asks for more. */
const mutants = Number(process.env['FIREBALL_MUTANTS'] ?? 15);
const seed = process.env['FIREBALL_MUTATION_SEED'] ?? 'campaign';

describe.each(targets)('deep verification on %s', (isa) => {
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  it.each(readdirSync(kernels))('accepts all of %s on every core', (file) => {
    const module = load(new Uint8Array(readFileSync(new URL(file, kernels))));
    for (const cpu of Object.keys(cores[isa])) {
      const vsoc = createVsoc({ isa, cpu, verifier });
      try {
        expect(vsoc.instantiate(module).code.length).toBe(module.functions.length);
      } finally {
        vsoc.close();
      }
    }
  });

  it.each(subjects)('accepts the module with $name, which runs as in the reference interpreter', ({ module, calls }) => {
    expect(native(module, calls, { isa, verifier })).toEqual(reference(module, calls));
  });

  it('accepts code behind a check that nothing passes: what is never reached needs no proof', () => {
    const module = moduleOfText(
      '(memory 1) (func (export "f") (result i32) (drop (memory.grow (i32.const 1))) (i32.load offset=65534 align=1 (i32.const -1)))',
    );
    const vsoc = createVsoc({ isa, verifier });
    try {
      expect(vsoc.instantiate(module).invoke('f', []).trap?.kind).toBe('out of bounds memory access');
    } finally {
      vsoc.close();
    }
  });
});

describe('the mutation campaign', () => {
  const all: CampaignRow[] = [];
  afterAll(() => {
    if (process.env['FIREBALL_MUTANTS'] !== undefined) process.stdout.write(`${campaignTable(all)}\n${JSON.stringify(all)}\n`);
  });

  it.each(targets)(
    '%s: no mutant that leaves its memory passes deep verification',
    async (isa) => {
      const rows = await mutationCampaign({ isa, subjects, kinds: damageKinds, mutants, seed });
      all.push(...rows);
      expect(rows.map(({ kind, escaped }) => ({ kind, escaped }))).toEqual(rows.map(({ kind }) => ({ kind, escaped: 0 })));
      for (const row of rows) {
        expect(row.mutants).toBe(mutants);
        if (row.kind === 'flipped bit') expect(row.structural).toBe(mutants);
      }
    },
    600_000,
  );
});
