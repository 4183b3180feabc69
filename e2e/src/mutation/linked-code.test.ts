import { describe, expect, it } from '@jest/globals';
import { assemblyOf, crc32Of, loadTemplates, patch, seededRandom, VerifyError, verifyStructure } from '@fireball/jit';
import { createVsoc, memoryMap } from '@fireball/vsoc';
import { isas } from './mutants.js';
import { kernel } from './pipeline.js';

const entries = [{ begin: memoryMap.code.base, end: memoryMap.code.base + 0x10_0000 }];
const bitsPerKernel = 500;

describe.each(isas)('linked code of %s', (isa) => {
  const set = loadTemplates(isa);

  it.each(['crc32', 'qsort'])('%s: every flipped bit is refused', (name) => {
    const vsoc = createVsoc({ isa });
    try {
      for (const code of vsoc.instantiate(kernel(name)).code) {
        const plan = assemblyOf(code, set);
        const verify = (bytes: Uint8Array): number => verifyStructure(plan, bytes, entries);
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
          const wide = code.sites.find(({ holes, size }) => size >= 4 && holes.every(({ operand }) => operand !== 'target'));
          const branch = code.sites.find(({ holes, size }) => size >= 4 && holes.at(-1)?.operand === 'target');
          return { code, wide, branch };
        })
        .find(({ wide, branch }) => wide !== undefined && branch !== undefined);
      if (found?.wide === undefined || found.branch === undefined) throw new RangeError('no branch to redirect');
      const { code, wide, branch } = found;
      const [memory] = entries;
      const others = [
        { begin: memory!.begin, end: code.address },
        { begin: code.address + code.bytes.length, end: memory!.end },
      ];
      expect(() => verifyStructure(assemblyOf(code, set), code.bytes, others)).not.toThrow();
      const template = set.require(branch.template);
      const target = branch.holes.length - 1;
      const value = wide.offset + 2 - branch.offset - template.relativeOrigin(target);
      const holes = branch.holes.map((hole, index) => (index === target ? { ...hole, value } : hole));
      patch(
        code.bytes,
        branch.offset,
        template,
        holes.map((hole) => hole.value),
      );
      const plan = assemblyOf({ address: code.address, sites: code.sites.map((site) => (site === branch ? { ...branch, holes } : site)) }, set);
      expect(() => verifyStructure(plan, code.bytes, others)).toThrow(/which is no entry point/);
    } finally {
      vsoc.close();
    }
  });
});
