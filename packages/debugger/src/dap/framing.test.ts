import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FramingError, wholeMessages } from './framing.js';

const framed = (text: string, header = ''): Buffer => Buffer.from(`${header}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);

/** What comes through of bytes that arrive in pieces. */
async function through(pieces: readonly Buffer[], leftOut: (problem: string) => void = () => undefined): Promise<string> {
  let heard = '';
  for await (const piece of Readable.from(pieces).pipe(wholeMessages(1000, leftOut))) heard += String(piece);
  return heard;
}

/** Bytes cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

describe('messages of the Debug Adapter Protocol', () => {
  it('come through whole, however they arrive, without what else is in their headers', async () => {
    const body = fc.record({ type: fc.string(), text: fc.string({ unit: 'binary', maxLength: 60 }) }).map((value) => JSON.stringify(value));
    const message = fc.record({ text: body, header: fc.constantFrom('', 'Content-Type: x\r\n') });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 10 }), async (messages, places) => {
        const bytes = Buffer.concat(messages.map(({ text, header }) => framed(text, header)));
        expect(await through(cut(bytes, places))).toBe(Buffer.concat(messages.map(({ text }) => framed(text))).toString());
      }),
    );
  });

  it.each([
    ['no JSON', '{"broken":', /^it is no JSON: /],
    ['no object', '17', /^it is no object with a type$/],
    ['nothing', 'null', /^it is no object with a type$/],
    ['no type', '{"seq":1}', /^it is no object with a type$/],
  ])('of %s are left out, with why, and those behind them come through', async (_, text, why) => {
    const problems: string[] = [];
    const next = framed('{"type":"request"}');
    expect(await through([framed(text), next], (problem) => problems.push(problem))).toBe(String(next));
    expect(problems).toEqual([expect.stringMatching(why)]);
  });

  it.each([
    ['too long', 'Content-Length: 1001\r\n\r\n', '1001 bytes'],
    ['of no bytes', 'Content-Length: 0\r\n\r\n', '0 bytes'],
    ['without a length', 'Content-Type: x\r\n\r\n', 'one Content-Length'],
    ['with two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n', 'one Content-Length'],
    ['with a negative length', 'Content-Length: -1\r\n\r\n', 'one Content-Length'],
    ['with an endless header', 'x'.repeat(5000), '4096 bytes'],
    ['cut in its header', 'Content-Le', 'middle of a message'],
    ['cut in its body', 'Content-Length: 5\r\n\r\nabc', 'middle of a message'],
  ])('%s end the connection', async (_, text, words) => {
    const failure = through([Buffer.from(text)]);
    await expect(failure).rejects.toThrow(FramingError);
    await expect(through([Buffer.from(text)])).rejects.toThrow(words);
  });
});
