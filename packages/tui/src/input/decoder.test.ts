import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InputDecoder, type InputEvent } from './decoder.js';

function decodeAll(pieces: readonly Uint8Array[]): InputEvent[] {
  const decoder = new InputDecoder();
  return [...pieces.flatMap((piece) => decoder.decode(piece)), ...decoder.flush()];
}

const key = (name: string): InputEvent => ({ kind: 'key', key: name });
const esc = '\u001b';
const cases: readonly (readonly [string, readonly InputEvent[]])[] = [
  ['snS?', ['s', 'n', 'S', '?'].map(key)],
  ['\r\n\t\u007f\u0003\u0004', ['enter', 'enter', 'tab', 'backspace', 'ctrl-c', 'ctrl-d'].map(key)],
  [`${esc}[A${esc}OB${esc}[5~${esc}[Z${esc}[1;2C`, ['up', 'down', 'pageup', 'shift-tab', 'right'].map(key)],
  [esc, [key('escape')]],
  [`${esc}${esc}[D`, [key('escape'), key('left')]],
  // Meta means nothing here; the key does.
  [`${esc}x`, [key('x')]],
  // A sequence that nobody knows goes, and nothing behind it.
  [`${esc}[99~${esc}[?1;2cs`, [key('s')]],
  ['é日', [key('é'), key('日')]],
  [
    `${esc}[<0;50;5M${esc}[<32;51;5M${esc}[<0;51;5m${esc}[<64;1;1M${esc}[<65;1;1M${esc}[<2;1;1M`,
    [
      { kind: 'mouse', action: 'press', x: 49, y: 4 },
      { kind: 'mouse', action: 'drag', x: 50, y: 4 },
      { kind: 'mouse', action: 'release', x: 50, y: 4 },
      { kind: 'mouse', action: 'wheel-up', x: 0, y: 0 },
      { kind: 'mouse', action: 'wheel-down', x: 0, y: 0 },
    ],
  ],
  [`a${esc}[200~q\nq${esc}[201~b`, [key('a'), { kind: 'paste', text: 'q\nq' }, key('b')]],
];

it.each(cases)('%j', (text, events) => {
  expect(decodeAll([Buffer.from(text)])).toEqual(events);
});

it.each(cases)('%j, byte by byte', (text, events) => {
  expect(decodeAll([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual(events);
});

it('takes any bytes, and leaves nothing undecided', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (pieces) => {
      const decoder = new InputDecoder();
      for (const piece of pieces) decoder.decode(piece);
      decoder.flush();
      expect(decoder.isWaiting).toBe(false);
    }),
  );
});

it('loses no key of plain text, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 })), (texts) => {
      expect(decodeAll(texts.map((text) => Buffer.from(text)))).toEqual([...texts.join('')].map(key));
    }),
  );
});
