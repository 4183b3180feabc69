import { describe, expect, it } from '@jest/globals';
import { kernel, native, reference, type Call } from './pipeline.js';
import { isas } from './mutants.js';

const run: Call[] = [{ name: 'run', args: [] }];

describe.each(isas)('the instruction cache flush on %s', (isa) => {
  it.each(['crc32', 'qsort', 'sieve'])('%s: right with it, noticed without it', (name) => {
    const module = kernel(name);
    const expected = reference(module, run);
    expect(native(module, run, { isa })).toEqual(expected);
    expect(native(module, run, { isa, faults: { dropFlush: true } })).not.toEqual(expected);
  });
});
