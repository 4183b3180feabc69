/** The deep verifier's ranges against the emulated CPU: what it says of a result must be true of the number that comes out. */
import { cores, DeepVerifier, loadTemplates, seededRandom, type WordRange } from '@fireball/jit';
import { enumChoices, instanceAddress, randomInstance, randomMemory, randomState, TemplateRunner } from '@fireball/vsoc';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { targets } from './testing/native.js';

const instancesPerChoice = 6;
const statesPerInstance = 8;
const u32Max = 0xffff_ffff;
const sp = { thumb2: 13, rv32: 2 } as const;

/** A range with the number in it: of any width, at any place. */
function rangeAround(value: number, random: () => number): WordRange {
  const width = (): number => [0, 1, random() % 64, random() % 0x1_0000, random()][random() % 5]!;
  return { lo: random() % 4 === 0 ? 0 : Math.max(0, value - width()), hi: random() % 6 === 0 ? u32Max : Math.min(u32Max, value + width()) };
}

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('ranges of computed registers on %s', (isa) => {
  const memory = randomMemory('ranges');
  const [[cpu] = ['']] = Object.entries(cores[isa]);

  it('hold every number that the CPU computes', () => {
    const runner = new TemplateRunner(isa, cpu, false);
    const random = seededRandom(`ranges ${isa}`);
    const wrong: string[] = [];
    const checked = new Set<string>();
    let narrow = 0;
    try {
      for (const template of loadTemplates(isa).templates) {
        if (template.json.requires.length > 0 || template.json.outputs.includes('sp')) continue;
        const choices = enumChoices(template);
        for (let count = 0; count < instancesPerChoice * choices.length; count++) {
          const values = randomInstance(template, choices[count % choices.length]!, random);
          if (values === undefined || template.operands.some(({ kind, index }) => kind === 'reg' && values[index] === sp[isa])) continue;
          const code = runner.place(template, values);
          for (let state = 0; state < statesPerInstance; state++) {
            const before = randomState(isa, memory, random);
            const ranges = Array.from({ length: isa === 'thumb2' ? 16 : 32 }, (_, reg) => rangeAround((before.registers[reg] ?? 0) >>> 0, random));
            const said = verifier.rangesBehind(isa, cpu, instanceAddress, code, ranges);
            if (said === undefined) break;
            checked.add(template.name);
            const { registers } = runner.run(before);
            registers.forEach((word, reg) => {
              const { lo, hi } = said[reg]!;
              if (before.registers[reg] !== word && (lo > 0 || hi < u32Max)) narrow++;
              if (word >>> 0 < lo || word >>> 0 > hi) wrong.push(`${template.name} ${values.join(' ')}: register ${reg} is ${word >>> 0}, not in ${lo}..${hi}`);
            });
          }
        }
      }
    } finally {
      runner.close();
    }
    expect(wrong).toEqual([]);
    expect(checked.size).toBeGreaterThan(12);
    expect(narrow).toBeGreaterThan(500);
  });
});
