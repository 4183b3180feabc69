import { describe, expect, it } from '@jest/globals';
import { BranchPredictor, type ExecutedBranch, type PredictorSizes } from './predictor.js';

const sizes: PredictorSizes = { targets: 2, counters: 8, counterBits: 2, historyLength: 0, historyBits: 0, returns: 2 };

/** `T` where a branch was predicted well, `-` where it was not. */
function outcomes(predictor: BranchPredictor, branches: readonly ExecutedBranch[]): string {
  return branches.map((branch) => (predictor.predict(branch) ? 'T' : '-')).join('');
}

const at = (flow: ExecutedBranch['flow'], address: number, target: number): ExecutedBranch => ({ flow, address, behind: address + 2, target });
/** A conditional branch at 0x100 to 0x80, taken (`t`) or not (`n`). */
const loop = (pattern: string): ExecutedBranch[] => [...pattern].map((turn) => at('conditional', 0x100, turn === 't' ? 0x80 : 0x102));

describe('conditional branches', () => {
  it.each([
    // Two bits: two rounds to believe it, then one exit of the loop does not change the opinion.
    [sizes, 'tttttntttt', '--TTT-TTTT'],
    [sizes, 'nnnn', 'TTTT'],
    // One bit: wrong twice for each exit.
    [{ ...sizes, counterBits: 1 }, 'tttttntttt', '-TTTT--TTT'],
    // With history, a pattern is learnt that counters alone never get.
    [{ ...sizes, counterBits: 1 }, 'tntntntntntntntn', '----------------'],
    [{ ...sizes, counterBits: 1, counters: 64, historyLength: 2, historyBits: 2 }, 'tntntntntntntntn', '-T-TTTTTTTTTTTTT'],
  ] as const)('%j: %s', (of, pattern, expected) => {
    expect(outcomes(new BranchPredictor(of), loop(pattern))).toBe(expected);
  });
});

describe('targets', () => {
  it('of jumps are known from the second time on, until two others have come between', () => {
    const [a, b, c] = [at('jump', 0x10, 0x90), at('jump', 0x20, 0xa0), at('jump', 0x30, 0xb0)];
    expect(outcomes(new BranchPredictor(sizes), [a, a, b, a, c, a, b])).toBe('-T-T-T-');
  });
  it('of indirect branches are those of the last time', () => {
    const [one, other] = [at('indirect', 0x10, 0x90), at('indirect', 0x10, 0xa0)];
    expect(outcomes(new BranchPredictor(sizes), [one, one, other, one, one])).toBe('-T--T');
  });
});

describe('returns', () => {
  const call = (address: number): ExecutedBranch => at('call', address, 0x400);
  const back = (address: number): ExecutedBranch => at('return', 0x410, address + 2);
  it('go where the call came from, although it is another one each time', () => {
    expect(outcomes(new BranchPredictor({ ...sizes, targets: 8 }), [call(0x10), back(0x10), call(0x20), back(0x20), call(0x30), back(0x30)])).toBe('---T-T');
  });
  it('from deeper than the stack are where the last one went', () => {
    const predictor = new BranchPredictor({ ...sizes, targets: 8 });
    expect(outcomes(predictor, [call(0x10), call(0x20), call(0x30)])).toBe('---');
    expect(outcomes(predictor, [back(0x30), back(0x20), back(0x10)])).toBe('-T-');
  });
});
