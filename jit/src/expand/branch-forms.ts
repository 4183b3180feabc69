/** The encodings of branches: a wider one takes the place of one that does not reach. */
import type { Template } from '../templates/index.js';

/** One encoding of a branch. */
export interface BranchForm {
  readonly template: Template;
  /** Index of the operand that takes the distance. */
  readonly relative: number;
  /** For every other operand, in order of the operands, the index of the branch's value that it takes; `~index` for that value with bit 0 flipped. */
  readonly sources: readonly number[];
}

/** A kind of branch. */
export interface BranchForms {
  /** Its place among the kinds of its set. */
  readonly number: number;
  /** How many values a branch of this kind has. */
  readonly values: number;
  /** Its encodings, nearest first. */
  readonly forms: readonly BranchForm[];
}

/** A branch encoding whose last operand is the distance. */
export function branchForm(template: Template, ...sources: number[]): BranchForm {
  return { template, relative: sources.length, sources };
}

/** A kind of branch with its number. */
export function branchForms(number: number, forms: readonly BranchForm[]): BranchForms {
  const used = forms.flatMap(({ sources }) => sources.map((source) => (source < 0 ? ~source : source)));
  return { number, values: Math.max(-1, ...used) + 1, forms };
}

/** Numbers kinds of branches in their order. */
export function numberKinds<Name extends string>(kinds: Readonly<Record<Name, readonly BranchForm[]>>): Record<Name, BranchForms> {
  const entries = Object.entries(kinds) as [Name, readonly BranchForm[]][];
  return Object.fromEntries(entries.map(([name, forms], number) => [name, branchForms(number, forms)])) as Record<Name, BranchForms>;
}
