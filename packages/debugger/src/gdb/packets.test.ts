import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mostPacketBytes, packet, PacketReader, type Received } from './packets.js';
import { text } from './text.js';

const bytes = fc.uint8Array({ maxLength: 80 });
const read = (...parts: readonly Uint8Array[]): Received[] => {
  const reader = new PacketReader();
  return parts.flatMap((part) => [...reader.read(part)]);
};

describe('packets', () => {
  it('have the checksum of the manual', () => {
    expect(text.of(packet('OK'))).toBe('$OK#9a');
    expect(text.of(packet(Uint8Array.of(0x23, 0x24, 0x7d, 0x2a)))).toBe('$}\x03}\x04}]}\x0a#62');
  });

  it('come as they were sent, however they are cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (contents, sizes) => {
        const sent = Buffer.concat(contents.map((content) => packet(content)));
        const parts: Uint8Array[] = [];
        for (let at = 0, n = 0; at < sent.length; n++) parts.push(sent.subarray(at, (at += sizes[n % sizes.length]!)));
        expect(read(...parts)).toEqual(contents.map((content) => ({ kind: 'packet', content: Uint8Array.from(content) })));
      }),
    );
  });

  it('with a wrong checksum are broken, and the next one is read', () => {
    expect(read(text.bytes('$OK#9b$OK#9a')).map(({ kind }) => kind)).toEqual(['broken', 'packet']);
  });

  it('that are too long are broken', () => {
    expect(read(packet(new Uint8Array(mostPacketBytes + 1))).map(({ kind }) => kind)).toEqual(['broken']);
    expect(read(packet(new Uint8Array(mostPacketBytes))).map(({ kind }) => kind)).toEqual(['packet']);
  });

  it('any bytes end in packets or nothing, and a whole packet behind them is read', () => {
    fc.assert(
      fc.property(bytes, (noise) => {
        const last = read(noise, text.bytes('#00'), packet('?')).at(-1);
        expect(last).toEqual({ kind: 'packet', content: text.bytes('?') });
      }),
      { numRuns: 1000 },
    );
  });

  it('an interrupt is heard between packets alone', () => {
    expect(read(text.bytes('\x03+-')).map(({ kind }) => kind)).toEqual(['interrupt', 'acknowledged', 'refused']);
    expect(read(packet(Uint8Array.of(3))).map(({ kind }) => kind)).toEqual(['packet']);
  });
});
