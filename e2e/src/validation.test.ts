import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { UnsupportedError } from '@fireball/contracts';
import { WebAssembly } from '@fireball/engines';
import { decodeModule, opcodes, operandTypesOf, validateModule, type ValidatedModule } from '@fireball/wasm';
import fc from 'fast-check';

/** What we find, with the body at `place` walked by both passes; proposals that we refuse by name V8 may accept. */
function verdictOf(bytes: Uint8Array, place: number): 'valid' | 'invalid' | 'unsupported' {
  let validated: ValidatedModule;
  try {
    validated = validateModule(decodeModule(bytes));
  } catch (error) {
    if (error instanceof UnsupportedError) return 'unsupported';
    // A body that breaks no rule of the second pass would be an internal error.
    expect(error).toHaveProperty('name', 'InvalidInputError');
    return 'invalid';
  }
  // What the first pass accepts the second one must not refuse.
  for (const entry of validated.functions) if (entry.code.start <= place && place < entry.code.end) operandTypesOf(validated.module, entry);
  return 'valid';
}

const folders = ['wasm/', 'wide/wasm/'].map((name) => new URL(`../../packages/kernels/data/${name}`, import.meta.url));
const kernels = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.wasm'))
    .map((name) => ({ name, module: decodeModule(new Uint8Array(readFileSync(new URL(name, folder)))) })),
);
/** Of each kernel. */
const mutants = Number(process.env['VALIDATION_MUTANTS'] ?? 100);
/** First bytes of instructions, which get further than bytes at random do. */
const leads = opcodes.map(({ code }) => (code < 0x100 ? code : code >> 8));
const byte = fc.oneof(fc.constantFrom(...leads), fc.integer({ min: 0, max: 0xff }));

describe('a byte of a body is changed: both passes agree, and V8', () => {
  it.each(kernels)('$name', ({ module }) => {
    const places = module.bodies.flatMap(({ code }) => Array.from({ length: code.end - code.start }, (_, index) => code.start + index));
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...places), byte, (place, value) => {
        const mutant = module.bytes.slice();
        mutant[place] = value;
        const verdict = verdictOf(mutant, place);
        seen.add(verdict);
        if (verdict !== 'unsupported') expect(verdict).toBe(WebAssembly.validate(mutant) ? 'valid' : 'invalid');
      }),
      { numRuns: mutants },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['valid', 'invalid']));
  });
});
