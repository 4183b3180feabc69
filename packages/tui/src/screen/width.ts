import { eastAsianWidth } from 'get-east-asian-width';

function widthOfCharacter(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  return /^[\p{M}\p{Cf}]/u.test(character) ? 0 : eastAsianWidth(code);
}

/** The characters of a text with the columns that they take. Those that take none go with the one before; what moves a terminal's cursor becomes a dot. */
export function cellsOf(text: string): { text: string; readonly width: 1 | 2 }[] {
  const cells: { text: string; readonly width: 1 | 2 }[] = [];
  for (const character of text) {
    const width = widthOfCharacter(character);
    const before = cells.at(-1);
    if (width !== 0) cells.push({ text: /^[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(character) ? '·' : character, width });
    else if (before !== undefined && /^\p{M}/u.test(character)) before.text += character;
  }
  return cells;
}

/** Columns that a text takes. */
export function widthOf(text: string): number {
  return cellsOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** Filled up with spaces to a width; cut off behind it. */
export function fit(text: string, width: number): string {
  let result = '';
  let taken = 0;
  const cells = cellsOf(text);
  const isTooLong = cells.reduce((sum, cell) => sum + cell.width, 0) > width;
  for (const cell of cells) {
    if (taken + cell.width > width - (isTooLong ? 1 : 0)) break;
    result += cell.text;
    taken += cell.width;
  }
  if (isTooLong && taken < width) {
    result += '…';
    taken++;
  }
  return result + ' '.repeat(Math.max(0, width - taken));
}
