import { expect, it } from '@jest/globals';
import { Progress } from './progress.js';

/** What is written when a text is shown every second for half a minute, and the line cleared at the end. */
function written(interactive: boolean, isLong: boolean): string[] {
  const texts: string[] = [];
  let seconds = 0;
  const progress = new Progress({ interactive, stderr: (text) => void texts.push(text) }, () => seconds * 1000);
  progress.isLong = isLong;
  for (; seconds < 30; seconds++) progress.show(`\u001b${seconds}`);
  progress.show('');
  return texts;
}

it.each([
  ['a terminal shows every text in one line', true, false, [...Array.from({ length: 30 }, (_, second) => `\r\u001b[K\\u{1b}${second}`), '\r\u001b[K']],
  ['a file gets a line every ten seconds', false, true, ['fireball: \\u{1b}10\n', 'fireball: \\u{1b}20\n']],
  ['a file gets nothing of short work', false, false, []],
])('%s', (_, interactive, isLong, texts) => {
  expect(written(interactive, isLong)).toEqual(texts);
});
