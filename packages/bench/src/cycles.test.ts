import { describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { disassemble } from '@fireball/disasm';
import { CodeTable, cycleCores, type PlacedInstruction } from '@fireball/emulator';
import { bundledKernels, loadKernels } from '@fireball/kernels';
import { createVsoc } from '@fireball/vsoc';
import { formatCycleSection } from './cycles-page.js';
import { measureCycles } from './cycles.js';

type Facts = Pick<PlacedInstruction, 'length' | 'flow' | 'work'>;
type Rule = readonly [pattern: RegExp, facts: Partial<Facts>];

const thumbCondition = '(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)';
/** What an instruction is, by its text; the first that fits. */
const rules: Readonly<Record<Isa, readonly Rule[]>> = {
  thumb2: [
    [new RegExp(`^b${thumbCondition}(\\.w)? `), { flow: 'conditional' }],
    [/^cbn?z /, { flow: 'conditional' }],
    [/^b(\.w)? /, { flow: 'jump' }],
    [/^bl /, { flow: 'call' }],
    [/^blx /, { flow: 'indirectCall' }],
    [/^bx lr/, { flow: 'return' }],
    [/^(bx|mov|add) (pc, )?(r|lr|ip|sb|sl|fp)\w*$/, { flow: 'indirect' }],
    [/^tb[bh] /, { flow: 'indirect', work: 'tableBranch' }],
    [/^(pop|ldm\w*)(\.w)? .*pc}/, { flow: 'return', work: 'loadMultiple' }],
    [/^ldr\S* pc, \[sp\]/, { flow: 'return', work: 'load' }],
    [/^ldr\S* pc,/, { flow: 'indirect', work: 'load' }],
    [/^(pop|ldm|ldrd)/, { work: 'loadMultiple' }],
    [/^(push|stm|strd)/, { work: 'storeMultiple' }],
    [/^ldrs?[bh]/, { work: 'narrowLoad' }],
    [/^ldr/, { work: 'load' }],
    [/^str/, { work: 'store' }],
    [/^(mul|mla|mls|umull|smull|umlal|smlal|umaal)/, { work: 'multiply' }],
    [/^[su]div/, { work: 'divide' }],
  ],
  rv32: [
    [/^(c\.)?b(eq|ne|lt|ge|ltu|geu|gt|le)\w* /, { flow: 'conditional' }],
    [/^(c\.)?j(al zero,)? -?(0x|\d)/, { flow: 'jump' }],
    [/^(c\.)?jal /, { flow: 'call' }],
    [/^ret|^(c\.)?jr (ra|t0)$|^jalr zero, (0\()?(ra|t0)/, { flow: 'return' }],
    [/^(c\.)?jr |^jalr zero,/, { flow: 'indirect' }],
    [/^(c\.)?jalr /, { flow: 'indirectCall' }],
    [/^(c\.)?lw(sp)? /, { work: 'load' }],
    [/^l[bh]u? /, { work: 'narrowLoad' }],
    [/^(c\.)?s[whb](sp)? /, { work: 'store' }],
    [/^mul/, { work: 'multiply' }],
    [/^(div|rem)/, { work: 'divide' }],
  ],
};

/** Addresses of all instructions that the kernel executes, in ascending order. */
async function executed(kernelName: string, isa: Isa, tier: 'interpreter' | 'compiled') {
  const kernel = (await loadKernels(bundledKernels)).find(({ name }) => name === kernelName)!;
  const vsoc = createVsoc({ isa, tier });
  const seen = new Set<number>();
  vsoc.cpu.traceRuns(1 << 16, (addresses) => {
    for (const address of addresses) seen.add(address);
  });
  vsoc.instantiate(kernel.loaded.validated).invoke('run', []);
  return { vsoc, addresses: [...seen].sort((a, b) => a - b) };
}

/** Code without gaps that holds the instructions; loading a disassembler for each of them would take long. */
function stretches(addresses: readonly number[], code: CodeTable): { begin: number; end: number }[] {
  const found: { begin: number; end: number }[] = [];
  for (const address of addresses) {
    const last = found.at(-1);
    const end = address + code.at(address).length;
    if (last?.end === address) last.end = end;
    else found.push({ begin: address, end });
  }
  return found;
}

describe.each(['thumb2', 'rv32'] as const)('on %s', (isa) => {
  it.each([
    ['qsort', 'compiled'],
    ['vm', 'compiled'],
    ['i64mix', 'compiled'],
    ['qsort', 'interpreter'],
    ['vm', 'interpreter'],
  ] as const)('the estimate reads instructions of %s, %s, as a disassembler does', async (kernel, tier) => {
    const { vsoc, addresses } = await executed(kernel, isa, tier);
    const code = new CodeTable(isa, (address) => new DataView(vsoc.cpu.readMemory(address, 2).buffer).getUint16(0, true));
    const found: object[] = [];
    const wanted: object[] = [];
    const texts = new Map<number, { size: number; text: string }>();
    for (const { begin, end } of stretches(addresses, code)) {
      for (const one of await disassemble(isa, vsoc.cpu.readMemory(begin, end - begin), begin)) texts.set(one.address, one);
    }
    for (const address of addresses) {
      const { length, flow, work } = code.at(address);
      const { text = '', size } = texts.get(address) ?? {};
      const facts = rules[isa].find(([pattern]) => pattern.test(text))?.[1];
      found.push({ address, text, length, flow, work });
      wanted.push({ address, text, length: size, flow: 'next', work: 'plain', ...facts });
    }
    vsoc.close();
    expect(found.length).toBeGreaterThan(40);
    expect(found).toEqual(wanted);
  });
});

it('measures what repeats exactly, and writes it down', async () => {
  const kernel = (await loadKernels(bundledKernels)).find(({ name }) => name === 'i64mix')!;
  const rows = await measureCycles(kernel);
  expect(await measureCycles(kernel)).toEqual(rows);
  expect(rows.map(({ core, tier }) => [core.name, tier])).toEqual([
    ['Cortex-M4', 'interpreter'],
    ['Cortex-M7', 'interpreter'],
    ['Cortex-M4', 'compiled'],
    ['Cortex-M7', 'compiled'],
    ['Cortex-M4', 'laidOut'],
    ['Cortex-M7', 'laidOut'],
    ['SiFive E31', 'interpreter'],
    ['SiFive E31', 'compiled'],
    ['SiFive E31', 'laidOut'],
  ]);
  for (const row of rows) {
    expect(row.cycles).toBeGreaterThan(row.instructions);
    expect(row.refills).toBeLessThanOrEqual(row.core === cycleCores['cortex-m4'] ? row.taken : row.branches);
  }
  const section = formatCycleSection(rows);
  expect(section).toContain('An estimate, not a measurement.');
  for (const { name, source } of Object.values(cycleCores)) expect(section).toContain(`- *${name}.* ${source}`);
});
