import { opcodeByName, usedField, type OpName } from '@fireball/wasm';
import * as layout from '../core/layout/analyses.js';
import type { Analyses } from '../plan/analyses.js';
import type { Plan } from '../plan/result.js';
import { Findings, type AccessPlan } from './access-plans.js';

/** What the first walk counted. */
interface Weights {
  /** By local word. */
  readonly locals: readonly number[];
  readonly localMentions: readonly number[];
  /** By constant, without sign. */
  readonly constants: ReadonlyMap<number, number>;
  /** Those of them that code wants where control may have come from a call. */
  readonly behindCalls: readonly number[];
}

/** What the first walk over the function that was planned last has counted. */
export function weightsOf({ analyses }: Plan): Weights {
  const { words } = analyses;
  const floats = new Float64Array(words.buffer);
  const rows = Array.from({ length: words[layout.wordCount >> 2]! }, (_, word) => words[layout.wordRows >> 2]! + word * layout.wordRowStride);
  const constants = new Map<number, number>();
  const behindCalls: number[] = [];
  for (let row = words[layout.constants >> 2]!; row < words[(layout.constants + usedField) >> 2]!; row += layout.constantStride) {
    const weight = floats[(row + layout.constantWeight) >> 3]!;
    const constant = words[(row + layout.constantValue) >> 2]! >>> 0;
    if (weight > 0) constants.set(constant, weight);
    if (words[(row + layout.constantIsBehindCall) >> 2] === 1) behindCalls.push(constant);
  }
  return {
    locals: rows.map((row) => floats[(row + layout.wordWeight) >> 3]!),
    localMentions: rows.map((row) => words[(row + layout.wordMentions) >> 2]!),
    constants,
    behindCalls,
  };
}

function operationsOf(analyses: Analyses): OpName[] {
  return Array.from({ length: analyses.length }, (_, index) => analyses.operationAt(index));
}

/** The plans of a function's accesses, in order. */
export function accessesOf({ analyses }: Plan): AccessPlan[] {
  const found = new Findings(analyses.core);
  return operationsOf(analyses).flatMap((op, index) => (opcodeByName(op).access === undefined ? [] : [found.accessAt(index)]));
}

/** How many masks, checks of tables and masks of amounts are superfluous. */
export function foregoneIn({ analyses }: Plan): { readonly masks: number; readonly tableChecks: number; readonly shiftMasks: number } {
  const found = new Findings(analyses.core);
  const count = (holds: (op: string, index: number) => boolean): number => operationsOf(analyses).filter(holds).length;
  return {
    masks: count((op, index) => op === 'i32.and' && found.isForegone(index)),
    tableChecks: count((op, index) => op === 'br_table' && found.isForegone(index)),
    shiftMasks: count((_op, index) => found.isShort(index)),
  };
}

export function hasCalls({ analyses }: Plan): boolean {
  return new Findings(analyses.core).hasCalls;
}
