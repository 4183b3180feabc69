import { describe, expect, it } from '@jest/globals';
import type { Assembly } from '../expand/assembly.js';
import { layOut, link } from '../expand/expand.js';
import { placedTemplates } from '../expand/placed.js';
import { placedLast, placedWords } from '../core/layout/placed.js';
import type { EntryRange } from '../instance/placer.js';
import { newMacroAssembler, targets } from '../testing/macro-assemblers.js';
import { crc32Of, verifyStructure, VerifyError } from './structural.js';

const address = 0x1_0000;
const outside = 0x1_4000;
const entries: readonly EntryRange[] = [{ begin: outside, end: outside + 4 }];

/** A small function with immediates, registers, branches inside and a jump outside. */
function build(isa: (typeof targets)[number], target = outside): { readonly assembly: Assembly; readonly code: Uint8Array } {
  const { masm, assembly } = newMacroAssembler(isa);
  const done = assembly.newLabel();
  masm.loadConst(8, 0x1234_5678);
  masm.alu('add', 9, 8, { imm: 17 });
  masm.branchIf('lt_u', 9, { reg: 8 }, done);
  masm.alu('xor', 8, 9, { reg: 8 });
  masm.exactBoundsCheck(8, 4, target - 24 * (isa === 'thumb2' ? 2 : 0));
  masm.bind(done);
  masm.traps(1);
  layOut(assembly);
  return { assembly, code: link(assembly, address) };
}

function problemOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return error.problem;
  }
}

describe.each(targets)('structural verification on %s', (isa) => {
  it('accepts what the linker made, and records its CRC-32', () => {
    const { assembly, code } = build(isa);
    expect(verifyStructure(assembly, code, entries)).toBe(crc32Of(code));
  });

  it('finds every single changed bit', () => {
    const { assembly, code } = build(isa);
    const missed: string[] = [];
    for (let bit = 0; bit < 8 * code.length; bit++) {
      const changed = code.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (problemOf(() => verifyStructure(assembly, changed, entries)) === undefined) missed.push(`bit ${bit}`);
    }
    expect(missed).toEqual([]);
  });

  it.each([
    {
      rule: 'the size is that of the layout',
      problem: /^size \d+ differs from the plan's \d+$/,
      act: ({ assembly, code }: ReturnType<typeof build>) => verifyStructure(assembly, code.subarray(2), entries),
    },
    {
      rule: 'labels lie where templates begin that they are bound to',
      problem: /^label 1 is bound where no template begins/,
      act: ({ assembly, code }: ReturnType<typeof build>) => {
        // No branch leads there: the first template, to which no label is bound.
        const label = assembly.newLabel();
        assembly.labels[label] = 1;
        assembly.labelOffsets = Int32Array.of(...assembly.labelOffsets.subarray(0, label), 0);
        return verifyStructure(assembly, code, entries);
      },
    },
    {
      rule: 'templates fill the code',
      problem: /^templates do not fill the code$/,
      act: ({ assembly, code }: ReturnType<typeof build>) => {
        assembly.size += 2;
        return verifyStructure(assembly, Uint8Array.of(...code, 0, 0), entries);
      },
    },
    {
      rule: 'holes hold what was put in',
      problem: /^hole \w+ does not hold its value$/,
      act: ({ assembly, code }: ReturnType<typeof build>) => {
        const add = placedTemplates(assembly).findIndex(({ values }) => values.includes(17));
        assembly.words[add * placedWords + placedLast] = 18;
        return verifyStructure(assembly, code, entries);
      },
    },
    {
      rule: 'branches leave for entry points only',
      problem: /^branch to 0x[0-9a-f]+, which is no entry point$/,
      act: ({ assembly, code }: ReturnType<typeof build>) => verifyStructure(assembly, code, [{ begin: outside + 4, end: outside + 64 }]),
    },
    {
      rule: 'an entry range ends before its end',
      problem: /no entry point$/,
      act: ({ assembly, code }: ReturnType<typeof build>) => verifyStructure(assembly, code, [{ begin: outside - 64, end: outside }]),
    },
  ])('$rule', ({ problem, act }) => {
    const built = build(isa);
    expect(problemOf(() => act(built))).toMatch(problem);
  });

  it('lets no branch land inside a template', () => {
    const { assembly, code } = build(isa);
    const second = placedTemplates(assembly)[1];
    // The first template is a wide constant of several instructions.
    const inside = build(isa, address + 4);
    expect(second?.offset).toBeGreaterThan(4);
    expect(problemOf(() => verifyStructure(inside.assembly, inside.code, []))).toBe(`branch to 0x${(address + 4).toString(16)}, which is no entry point`);
    expect(code).toHaveLength(assembly.size);
  });

  it('tells where: code offset and template', () => {
    const { assembly, code } = build(isa);
    const changed = code.slice();
    const last = placedTemplates(assembly).at(-1);
    changed[last?.offset ?? 0] = 0;
    changed[(last?.offset ?? 0) + 1] = 0;
    expect(() => verifyStructure(assembly, changed, entries)).toThrow(
      expect.objectContaining({ codeOffset: last?.offset, template: last?.template.name, exitStatus: 70 }),
    );
  });
});
