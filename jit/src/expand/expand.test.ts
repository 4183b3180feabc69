import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newMacroAssembler, targets, trapBytes, type MacroAssembler } from '../testing/macro-assemblers.js';
import { verifyStructure } from '../verify/structural.js';
import type { Label } from './assembly.js';
import type { BranchForm, BranchForms } from './branch-forms.js';
import { layOut, link } from './expand.js';
import { placedTemplates, type PlacedTemplate } from './placed.js';
import { toAddress } from '../core/layout/placed.js';

const low = 8;
const high = { thumb2: 9, rv32: 20 } as const;

interface Branch {
  readonly name: string;
  readonly emit: (masm: MacroAssembler, target: Label) => void;
}

const branches: readonly Branch[] = [
  { name: 'jump', emit: (masm, target) => masm.jump(target) },
  { name: 'compare of registers', emit: (masm, target) => masm.branchIf('lt_s', high[masm.isa], { reg: low }, target) },
  { name: 'zero test', emit: (masm, target) => masm.branchIf('eq', masm.isa === 'thumb2' ? 3 : low, { imm: 0 }, target) },
  { name: 'zero test of a high register', emit: (masm, target) => masm.branchIf('ne', high[masm.isa], { imm: 0 }, target) },
];

/** Longest distance in traps that is worth laying out. */
const mostTraps = 20_000;

interface Limit {
  readonly branch: Branch;
  readonly index: number;
  readonly form: string;
  readonly direction: 'forwards' | 'backwards';
}

interface Forms {
  readonly kind: BranchForms;
  /** Bytes of the comparison in front of the branch. */
  readonly before: number;
}

function formsOf(isa: (typeof targets)[number], { emit }: Branch): Forms {
  const { masm, assembly } = newMacroAssembler(isa);
  emit(masm, assembly.newLabel());
  const placed = placedTemplates(assembly);
  const branch = placed.pop() as PlacedTemplate;
  if (branch.target === undefined) throw new RangeError('not a branch');
  return { kind: branch.kind, before: placed.reduce((bytes, { template }) => bytes + template.size, 0) };
}

/** Traps between the branch and its target so that this form just reaches it; undefined where it has no such reach. */
function trapsAtLimit(form: BranchForm, before: number, direction: Limit['direction']): number | undefined {
  const operand = form.template.operands[form.relative];
  if (operand === undefined) return undefined;
  const origin = form.template.relativeOrigin(form.relative);
  const traps = Math.floor((direction === 'forwards' ? operand.max - form.template.size + origin : -operand.min - origin - before) / trapBytes);
  return traps >= 0 && traps <= mostTraps ? traps : undefined;
}

/** Name of the template chosen for a branch over `traps` traps, after linking and verification. */
function chosen(isa: (typeof targets)[number], { emit }: Branch, direction: Limit['direction'], traps: number): string | undefined {
  const { masm, assembly } = newMacroAssembler(isa);
  const target = assembly.newLabel();
  if (direction === 'backwards') {
    assembly.bind(target);
    masm.traps(traps);
    emit(masm, target);
  } else {
    emit(masm, target);
    masm.traps(traps);
    assembly.bind(target);
    masm.traps(1);
  }
  layOut(assembly);
  verifyStructure(assembly, link(assembly, 0x1_0000), []);
  return placedTemplates(assembly).find(({ target: leads }) => leads !== undefined)?.template.name;
}

describe.each(targets)('layout on %s', (isa) => {
  const limits = branches.flatMap((branch) => {
    const { kind, before } = formsOf(isa, branch);
    return kind.forms.flatMap((form, index) =>
      (['forwards', 'backwards'] as const)
        .filter((direction) => trapsAtLimit(form, before, direction) !== undefined)
        .map((direction): Limit & { readonly label: string } => ({ branch, index, form: form.template.name, direction, label: branch.name })),
    );
  });

  it.each(limits)('$label: $form reaches $direction exactly as far as it says', ({ branch, index, form, direction }) => {
    const { kind, before } = formsOf(isa, branch);
    const current = kind.forms[index];
    const traps = current === undefined ? undefined : trapsAtLimit(current, before, direction);
    if (traps === undefined) throw new RangeError('no limit');
    expect(chosen(isa, branch, direction, traps)).toBe(form);
    // One halfword more takes a wider form, and the next one reaches.
    const wider = chosen(isa, branch, direction, traps + 1);
    expect(kind.forms.slice(index + 1).map(({ template }) => template.name)).toContain(wider);
  });

  it('tests narrow forms at all', () => {
    expect(new Set(limits.map(({ form }) => form)).size).toBeGreaterThanOrEqual(3);
  });

  it('reaches every target, whatever branches lie in between', () => {
    const pieces = fc.array(fc.record({ branch: fc.constantFrom(...branches), traps: fc.oneof(fc.nat(20), fc.nat(300), fc.nat(1500)), target: fc.nat() }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, (list) => {
        const { masm, assembly } = newMacroAssembler(isa);
        const labels = [...list.map(() => assembly.newLabel()), assembly.newLabel()];
        list.forEach(({ branch, traps, target }, index) => {
          masm.bind(labels[index] as Label);
          branch.emit(masm, labels[target % labels.length] as Label);
          masm.traps(traps);
        });
        masm.bind(labels[list.length] as Label);
        masm.traps(1);
        layOut(assembly);
        const code = link(assembly, 0x1_0000);
        expect(code).toHaveLength(assembly.size);
        verifyStructure(assembly, code, []);
        // Targets are where the labels are, not merely at some template.
        for (const placed of placedTemplates(assembly)) {
          const { target, offset, template, values } = placed;
          if (target === undefined || !('label' in target)) continue;
          const { relative } = placed.form;
          expect(offset + template.relativeOrigin(relative) + (values[relative] ?? NaN)).toBe(assembly.labelOffset(target.label));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives branches out of the function their widest form at once', () => {
    const { masm, assembly } = newMacroAssembler(isa);
    const { kind } = formsOf(isa, branches[0] as Branch);
    assembly.branch(kind, toAddress, 0x1_0100, 0);
    masm.traps(1);
    layOut(assembly);
    expect(placedTemplates(assembly)[0]?.template.name).toBe(kind.forms.at(-1)?.template.name);
    const code = link(assembly, 0x1_0000);
    expect(verifyStructure(assembly, code, [{ begin: 0x1_0100, end: 0x1_0102 }])).toBeGreaterThanOrEqual(0);
  });

  it('lets branch tables reach labels far ahead', () => {
    const { masm, assembly } = newMacroAssembler(isa);
    const labels = [0, 1, 2].map(() => assembly.newLabel());
    const otherwise = assembly.newLabel();
    masm.branchTable(low, labels, otherwise);
    for (const label of labels) {
      masm.traps(6000);
      masm.bind(label);
    }
    masm.traps(1);
    masm.bind(otherwise);
    masm.traps(1);
    layOut(assembly);
    const code = link(assembly, 0x1_0000);
    verifyStructure(assembly, code, []);
    const view = new DataView(code.buffer);
    const entries = placedTemplates(assembly).filter(({ entry }) => entry !== undefined);
    const table = entries[0]?.offset ?? 0;
    // Thumb-2: halfwords that count halfwords from the table; RV32: jumps, which verification follows.
    expect(entries.map(({ offset }) => table + 2 * view.getUint16(offset, true))).toEqual(
      isa === 'thumb2' ? labels.map((label) => assembly.labelOffset(label)) : [],
    );
  });

  it('lets branch tables reach labels that their entries do not reach', () => {
    const { masm, assembly } = newMacroAssembler(isa);
    const labels = [0, 1, 2].map(() => assembly.newLabel());
    const otherwise = assembly.newLabel();
    masm.branchTable(low, [...labels, ...labels], otherwise);
    const behind = assembly.newLabel();
    masm.bind(behind);
    for (const label of labels) {
      masm.traps(30_000);
      masm.bind(label);
    }
    masm.jump(behind);
    masm.bind(otherwise);
    masm.traps(1);
    layOut(assembly);
    const code = link(assembly, 0x1_0000);
    verifyStructure(assembly, code, []);
    if (isa === 'rv32') return;
    const entries = placedTemplates(assembly).filter(({ entry }) => entry !== undefined);
    const table = entries[0]?.offset ?? 0;
    const reached = entries.map(({ values }) => {
      const offset = table + 2 * (values[0] ?? 0);
      const jump = placedTemplates(assembly).find((entry) => entry.offset === offset && entry.template.name === 'b_w');
      return jump === undefined ? offset : offset + (jump.values[0] ?? 0);
    });
    expect(reached).toEqual([...labels, ...labels].map((label) => assembly.labelOffset(label)));
    // Only the last of the three is too far, and its two entries share a jump.
    expect(assembly.labelOffset(behind)).toBe(table + 2 * entries.length + 4);
  });

  it('refuses a label that was never bound', () => {
    const { masm, assembly } = newMacroAssembler(isa);
    masm.jump(assembly.newLabel());
    expect(() => layOut(assembly)).toThrow('label 0 was never bound');
  });
});
