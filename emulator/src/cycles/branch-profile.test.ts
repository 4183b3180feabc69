import { expect, it } from '@jest/globals';
import { BranchProfile } from './branch-profile.js';
import { CodeTable } from './code-table.js';

// 0: beq 4; 2: nop; 4: bne 0; 6: nop
const code = [0xd000, 0xbf00, 0xd1fc, 0xbf00];

it.each([
  ['a forward branch that is mostly taken', [0, 4, 0, 4, 0, 2, 4, 0, 4, 6], 2],
  ['one that is mostly not taken', [0, 2, 4, 0, 2, 4, 0, 4, 6], 0],
  ['backward branches stay as they are', [4, 0, 2, 4, 0, 2, 4, 0, 2], 0],
])('%s', (_name, trace, expected) => {
  const profile = new BranchProfile(new CodeTable('thumb2', (address) => code[address / 2] ?? 0));
  for (const address of trace) profile.add(Uint32Array.of(address));
  expect(profile.avoidable()).toBe(expected);
});
