/** The core's macro assembler: which templates it places, and what has become of a function. */
import { InternalError, UnsupportedError, type FireballError } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as layout from '../core/layout/masm.js';
import { kindShift } from '../core/layout/placed.js';
import type { SharedCheck } from '../expand/assembly.js';
import type { Features } from '../features.js';
import { branchKinds } from '../target/branches.js';
import { rv32Templates } from '../target/rv32/templates.js';
import { thumb2Templates } from '../target/thumb2/templates.js';
import type { Template, TemplateSet } from '../templates/index.js';
import { checkPlaced, identityOf } from '../templates/packing.js';
import { areaAt, noRoom, wordsIn, type Core } from './core.js';

/** The templates of a set that its target's macro assembler places, in the order of its list. */
export function placedBy(set: TemplateSet): readonly (readonly [name: string, template: Template])[] {
  return Object.entries(set.isa === 'thumb2' ? thumb2Templates(set) : rv32Templates(set));
}

/** What is written of a set, a word for each template and for each kind of branches. */
interface TemplateRows {
  readonly templates: Int32Array;
  readonly kinds: Int32Array;
}

/** Sets take turns where there are systems of both targets. */
const rowsOfSets = new WeakMap<TemplateSet, TemplateRows>();

/** Writes which templates of a set the macro assembler places, for a core with these features. */
export function writeTemplates(core: Pick<Core, 'memory'>, set: TemplateSet, features: Features): void {
  let rows = rowsOfSets.get(set);
  if (rows === undefined) rowsOfSets.set(set, (rows = templateRowsOf(set)));
  const words = wordsIn(core);
  words.set(rows.templates, layout.templateRows >> 2);
  words.set(rows.kinds, layout.kindRows >> 2);
  words[layout.coreFeatures >> 2] = features.has('fpv5') ? layout.hasFpv5 : 0;
}

function templateRowsOf(set: TemplateSet): TemplateRows {
  const row = (template: Template, kind: number): number => identityOf(template) | (kind << kindShift);
  const templates = placedBy(set).map(([, template]) => {
    checkPlaced(template);
    return row(template, 0);
  });
  return { templates: Int32Array.from(templates), kinds: Int32Array.from(branchKinds(set), ({ forms }, index) => row(forms[0]!.template, index)) };
}

/** What placing was given up with; undefined where it was not. */
export function refusalOf(core: Pick<Core, 'memory'>, functionIndex: number): FireballError | undefined {
  const words = wordsIn(core);
  const what = words[layout.refused >> 2]!;
  switch (words[layout.refusal >> 2]) {
    case layout.placing:
      return undefined;
    case layout.noRoom:
      return noRoom(functionIndex);
    case layout.tooMuchCode:
      return new UnsupportedError(`a function of more than ${layout.mostCodeBytes} bytes of code`, { offset: what, section: 'code' });
    case layout.boundTwice:
      return new InternalError(`label ${what} bound twice`);
    case undefined:
    default:
      return new InternalError(`the target has no form of what selection asks for: ${what}`);
  }
}

/** The check that several accesses share to which a template belongs, by its index; undefined where there is none at all. Made when it is called. */
export function sharedChecksOf(words: Int32Array): (() => ReadonlyMap<number, SharedCheck>) | undefined {
  if (words[layout.checks >> 2] === words[(layout.checks + usedField) >> 2]) return undefined;
  const members = areaAt(words, layout.members);
  const checks = areaAt(words, layout.checks);
  const shares = areaAt(words, layout.shares);
  return () => {
    const made = rowsOf(checks, layout.checkStride).map((row) => checkOf(row, members));
    return new Map(rowsOf(shares, layout.shareStride).map((row) => [row[layout.shareIndex >> 2]!, made[row[layout.shareCheck >> 2]! - 1]!]));
  };
}

function checkOf(row: Int32Array, members: Int32Array): SharedCheck {
  const [register, begin, end] = [layout.checkRegister, layout.checkBegin, layout.checkEnd].map((field) => row[field >> 2]!);
  return { register: register!, members: rowsOf(members.subarray(begin! >> 2, end! >> 2), layout.memberStride).map(memberOf) };
}

function rowsOf(words: Int32Array, stride: number): Int32Array[] {
  return Array.from({ length: (4 * words.length) / stride }, (_, index) => words.subarray((index * stride) >> 2, ((index + 1) * stride) >> 2));
}

function memberOf(row: Int32Array): SharedCheck['members'][number] {
  const [wasmOffset, delta, size] = [layout.memberOffset, layout.memberDelta, layout.memberSize].map((field) => row[field >> 2]!);
  return { wasmOffset: wasmOffset!, delta: delta! >>> 0, size: size! };
}
