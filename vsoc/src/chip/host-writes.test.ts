/** What is noted of a function of the host that writes to memory: all that it has changed, and nothing that the guest did. */
import type { CpuBackend } from '@fireball/contracts';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HostWrites, type HostWrite } from './host-writes.js';

const base = 0x3000_0000;
const unused = { writeRegister: () => undefined } as unknown as CpuBackend;
const change = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) });

function write(memory: Uint8Array, changes: readonly { readonly at: number; readonly bytes: Uint8Array }[]): void {
  for (const { at, bytes } of changes) {
    const offset = at % memory.length;
    memory.set(bytes.subarray(0, memory.length - offset), offset);
  }
}

function repeat(memory: Uint8Array, writes: readonly HostWrite[]): void {
  for (const noted of writes) if ('address' in noted) memory.set(noted.bytes, noted.address - base);
}

it('what was noted, written to memory as it was before, makes it what it was after; memory may have grown in between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ guest: fc.array(change, { maxLength: 4 }), host: fc.array(change, { maxLength: 4 }), grows: fc.boolean() }), { maxLength: 6 }),
      (calls) => {
        const writes = new HostWrites(unused);
        let bytes = new Uint8Array(3 * 65_536);
        for (const { guest, host, grows } of calls) {
          if (grows) {
            const longer = new Uint8Array(bytes.length + 65_536);
            longer.set(bytes);
            bytes = longer;
          }
          write(bytes, guest);
          const before = bytes.slice();
          writes.begin();
          writes.around(
            () => [{ base, bytes }],
            () => {
              write(bytes, host);
            },
          );
          const noted = writes.end();
          const changed = host.reduce((sum, each) => sum + each.bytes.length, 0);
          expect(noted.reduce((sum, each) => sum + ('address' in each ? each.bytes.length : 0), 0)).toBeLessThanOrEqual(2 * changed + 16 * host.length);
          repeat(before, noted);
          expect(Buffer.compare(before, bytes)).toBe(0);
        }
      },
    ),
    { numRuns: 60 },
  );
});
