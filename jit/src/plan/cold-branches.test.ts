import { describe, expect, it } from '@jest/globals';
import type { ValueType } from '@fireball/wasm';
import { sourceOf } from '../testing/bodies.js';
import { namedAlone } from '../testing/plan-alone.js';
import { indicesOfInstructions, readBody, type Instruction } from '../testing/read-body.js';
import { coldBranches, type BranchProfile } from './cold-branches.js';

/** Instructions by name and immediate, e.g. `block i32`, `br_if 1`; offsets are positions. */
function bodyOf(text: string): Instruction[] {
  return text.split(';').map((part, offset) => {
    const [op = '', immediate = ''] = part.trim().split(' ');
    const blockType = immediate === '' || /^\d+$/.test(immediate) ? 'empty' : immediate;
    return {
      op,
      offset,
      a: Number.parseInt(immediate) || 0,
      b: 0,
      blockType: blockType as ValueType | 'empty',
      targets: op === 'br_table' ? [0] : [],
    } as Instruction;
  });
}

/** Which instructions are the branches behind which code is cold. */
function coldIn(body: readonly Instruction[], profile: BranchProfile, forwardTables: boolean): number[] {
  const source = sourceOf(body, 1);
  const analyses = namedAlone(source, 'thumb2');
  const indices = indicesOfInstructions(analyses.core);
  return [...coldBranches(analyses, profile, forwardTables)].map((index) => indices.indexOf(index));
}

const always = { total: 3, isTrue: 3 };
const never = { total: 3, isTrue: 0 };
const passes = { br_if: always, if: never } as const;

const cases: readonly [what: string, body: string, cold: readonly number[]][] = [
  ['a br_if to the end of its block', 'block; br_if 0; nop; end; end', [1]],
  ['an if', 'if; nop; end; end', [0]],
  ['an if with else', 'if; nop; else; nop; end; end', [0]],
  ['a br_if to a loop goes back', 'loop; br_if 0; end; end', []],
  ['a br_if out of a loop', 'block; loop; br_if 1; br 0; end; end; end', [2]],
  ['a br_if to the function', 'br_if 0; nop; end', []],
  ['a block with a result', 'block f32; br_if 0; nop; end; end', []],
  ['over the end of another block, where others may arrive', 'block; block; br_if 1; nop; end; nop; end; end', []],
  ['out of a then-part to behind the else', 'if; br_if 0; nop; else; nop; end; end', [0]],
  ['in an else-part', 'if; nop; else; br_if 0; nop; end; end', [0, 3]],
  ['nested', 'block; br_if 0; block; br_if 0; nop; end; br_if 0; nop; end; end', [1, 3, 6]],
  ['with a branch table in it', 'block; br_if 0; br_table 0; end; end', []],
];

describe('code behind a branch that is mostly passed over', () => {
  it.each(cases)('%s', (_what, text, cold) => {
    const body = bodyOf(text);
    const ops = new Map(readBody(sourceOf(body, 1)).map(({ op, offset }) => [offset, op]));
    const profile = (offset: number): typeof always | undefined => passes[ops.get(offset) as 'if' | 'br_if'];
    expect(coldIn(body, profile, true)).toEqual(cold);
  });

  it('may hold a branch table where tables reach backwards', () => {
    expect(coldIn(bodyOf('block; br_if 0; br_table 0; end; end'), () => always, false)).toEqual([1]);
  });

  it.each([
    [{ total: 3, isTrue: 2 }, false],
    [{ total: 4, isTrue: 3 }, true],
    [{ total: 0, isTrue: 0 }, false],
    [undefined, false],
  ])('counts decide: %j', (counts, isCold) => {
    expect(coldIn(bodyOf('block; br_if 0; nop; end; end'), () => counts, true)).toEqual(isCold ? [1] : []);
  });
});
