/** East Asian wide and fullwidth characters, and pictures (Unicode Standard Annex 11), in ranges. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function widthOfCharacter(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{M}\p{Cf}]/u.test(character)) return 0;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
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
