import { describe, expect, it } from '@jest/globals';
import { crc32Of, loadTemplates, patch, seededRandom, VerifyError, verifyStructure } from '@fireball/jit';
import { createVsoc, memoryMap } from '@fireball/vsoc';
import { isas } from './mutants.js';
import { kernel } from './pipeline.js';
import { planOf } from './plan-of.js';

const entries = [{ begin: memoryMap.code.base, end: memoryMap.code.base + 0x10_0000 }];
const bitsPerKernel = 500;

describe.each(isas)('linked code of %s', (isa) => {
  const set = loadTemplates(isa);

  it.each(['crc32', 'qsort'])('%s: every flipped bit is refused', (name) => {
    const vsoc = createVsoc({ isa });
    try {
      for (const code of vsoc.instantiate(kernel(name)).code) {
        const plan = planOf(code, set);
        const verify = (bytes: Uint8Array): number => verifyStructure(plan, bytes, code.address, entries);
        expect(verify(code.bytes)).toBe(code.crc);
        const random = seededRandom(`${isa} ${name}`);
        for (let count = 0; count < bitsPerKernel; count++) {
          const bit = random() % (8 * code.bytes.length);
          const damaged = Uint8Array.from(code.bytes);
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(() => verify(damaged)).toThrow(VerifyError);
          expect(crc32Of(damaged)).not.toBe(code.crc);
        }
      }
    } finally {
      vsoc.close();
    }
  });

  it('a branch into the middle of a template is refused', () => {
    const vsoc = createVsoc({ isa });
    try {
      // The first function that has a branch of four bytes, and another template that is as long.
      const found = ['crc32', 'sha256']
        .flatMap((name) => vsoc.instantiate(kernel(name)).code)
        .map((code) => {
          const plan = planOf(code, set);
          const wide = plan.placed.find(({ template, fixup }) => fixup === undefined && template.size >= 4);
          const branch = plan.placed.find(({ fixup, template }) => fixup?.kind === 'relative' && template.size >= 4);
          return { code, plan, wide, branch };
        })
        .find(({ wide, branch }) => wide !== undefined && branch !== undefined);
      if (found?.wide === undefined || found.branch?.fixup?.kind !== 'relative') throw new RangeError('no branch to redirect');
      const { code, plan, wide, branch } = found;
      const routines = [{ begin: memoryMap.code.base, end: code.address }];
      expect(() => verifyStructure(plan, code.bytes, code.address, routines)).not.toThrow();
      const [form] = found.branch.fixup.forms;
      if (form === undefined) throw new RangeError('a branch has a form');
      branch.values[form.relative] = wide.offset + 2 - branch.offset - form.template.relativeOrigin(form.relative);
      patch(code.bytes, branch.offset, form.template, branch.values);
      expect(() => verifyStructure(plan, code.bytes, code.address, routines)).toThrow(/which is no entry point/);
    } finally {
      vsoc.close();
    }
  });
});
