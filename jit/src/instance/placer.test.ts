import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FireballError } from '@fireball/contracts';
import { fixupOf, noFixup, placedBytes, placedHead, placedWords } from '../core/layout/placed.js';
import type { Assembly } from '../expand/assembly.js';
import { layOut, link } from '../expand/expand.js';
import { randomValues } from '../patch/index.js';
import { newMacroAssembler, targets } from '../testing/macro-assemblers.js';
import { portableCore } from '../testing/portable-core.js';
import { loadTemplates, seededRandom } from '../templates/index.js';
import { crc32Of, verifyStructure } from '../verify/structural.js';
import { placerOf, takePlacer, type Placer } from './placer.js';

const address = 0x1_0000;
const outside = 0x1_4000;
const features = new Set(['fpv4', 'fpv5', 'f', 'd'] as const);
/** The core as WebAssembly, and its sources as they are. */
const forms = [takePlacer, (): Placer => placerOf(portableCore)];

type Piece =
  { readonly template: number; readonly seed: number } | { readonly branch: number } | { readonly table: readonly number[] } | { readonly traps: number };

const pieces: fc.Arbitrary<readonly Piece[]> = fc.array(
  fc.oneof(
    fc.record({ template: fc.nat(), seed: fc.nat() }),
    fc.record({ branch: fc.nat() }),
    fc.record({ table: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }) }),
    fc.record({ traps: fc.oneof(fc.nat(30), fc.nat(700)) }),
  ),
  { minLength: 1, maxLength: 20 },
);

/** Of their entries some do not reach, of which some want the same jump. */
const farTables: readonly Piece[] = [{ table: [0, 1, 2, 1, 0] }, { table: [0, 1, 2, 2] }, { traps: 1 }, { traps: 33_000 }, { traps: 1 }, { branch: 0 }];

/** Templates with random values, branches, tables of labels ahead, and distances between them. */
function build(isa: (typeof targets)[number], list: readonly Piece[]): Assembly {
  const { masm, assembly } = newMacroAssembler(isa);
  const { templates } = loadTemplates(isa);
  const labels = Array.from({ length: list.length + 1 }, () => assembly.newLabel());
  list.forEach((piece, index) => {
    masm.bind(labels[index]!);
    if ('traps' in piece) masm.traps(piece.traps);
    else if ('table' in piece) {
      masm.branchTable(
        8,
        piece.table.map((label) => labels[index + 1 + (label % (list.length - index))]!),
      );
    } else if ('branch' in piece) {
      const label = labels[piece.branch % labels.length]!;
      if (piece.branch % 3 === 0) masm.jump(label);
      else if (piece.branch % 3 === 1) masm.branchIf('eq', isa === 'thumb2' ? 3 : 8, { imm: 0 }, label);
      else masm.exactBoundsCheck(8, 4, outside);
    } else {
      const template = templates[piece.template % templates.length]!;
      assembly.emit(template, index, ...(randomValues(template, seededRandom(String(piece.seed))) ?? []));
    }
  });
  masm.bind(labels[list.length]!);
  masm.traps(1);
  return assembly;
}

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (error instanceof FireballError) return error.message;
    throw error;
  }
}

/** What each form makes of it, which must be the same. */
function byBoth<T>(make: (placer: Placer) => T): T {
  const [made, other] = forms.map((form) => make(form()));
  expect(other).toEqual(made);
  return made!;
}

describe.each(targets)('templates of %s are placed alike by WebAssembly and by the sources that it is made of', (isa) => {
  const entries = [{ begin: outside, end: outside + 0x100 }];
  const words = ({ words: all, count }: Assembly): Int32Array => all.slice(0, count * placedWords);

  it('layout, code and checksum', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        byBoth((placer) => {
          const assembly = build(isa, list);
          layOut(assembly, placer);
          const code = link(assembly, address, placer);
          const crc = verifyStructure(assembly, code, entries, features, placer);
          expect(crc).toBe(crc32Of(code));
          return [Buffer.from(words(assembly).buffer).toString('hex'), Buffer.from(code).toString('hex'), assembly.size];
        });
      }),
      { numRuns: 20, examples: [[farTables]] },
    );
  });

  it('refusals of values, code and places', () => {
    const problems = new Set<string>();
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), fc.integer(), (list, pick, field, value) => {
        const found = byBoth((placer) => {
          const assembly = build(isa, list);
          layOut(assembly, placer);
          const code = link(assembly, address, placer);
          const plain = Array.from({ length: assembly.count }, (_, index) => index * placedWords).filter(
            (at) => fixupOf(assembly.words[at + placedHead]!) === noFixup,
          );
          const record = plain[pick % plain.length]!;
          const changed = code.slice();
          changed[pick % code.length]! ^= 1 << (field & 7);
          const damaged = outcome(() => verifyStructure(assembly, changed, entries, features, placer));
          const lacking = outcome(() => verifyStructure(assembly, code, [], undefined, placer));
          assembly.labelOffsets[pick % assembly.labelCount]!++;
          const moved = outcome(() => verifyStructure(assembly, code, entries, features, placer));
          assembly.labelOffsets[pick % assembly.labelCount]!--;
          assembly.words[record + placedBytes + (field & 1)] = field % 3 === 0 ? value : value & 31;
          return [damaged, lacking, moved, outcome(() => [...link(assembly, address, placer)])];
        });
        expect(typeof found[0]).toBe('string');
        expect(typeof found[2]).toBe('string');
        for (const problem of found)
          if (typeof problem === 'string')
            problems.add(
              problem
                .replace(/^[^:]+: | at code.*|\d.*/g, '')
                .split(' ')
                .slice(0, 2)
                .join(' '),
            );
      }),
      { numRuns: 20 },
    );
    expect(problems.size).toBeGreaterThan(4);
  });
});
