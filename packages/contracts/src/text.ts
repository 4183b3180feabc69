/**
 * What a terminal would not show but obey, or show elsewhere: control characters (C0, DEL, C1), format characters (overrides of
 * writing direction, zero width), line and paragraph separators, halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escape = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** A name or other text from an input as it may stand in one line for people; what cannot be printed is written `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, escape);
}

/** Text of ours that may hold such names, line ends and tabs kept: the net below, should a name come into it as it is. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (character) => (character === '\n' || character === '\t' ? character : escape(character)));
}

/** The text of a JSON document in which such characters are escaped: the same value, harmless on a terminal. Line ends are kept. */
export function escapeJson(text: string): string {
  return text.replace(unprintable, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

/** A word as unsigned hexadecimal digits, `0000002a`, at least so many. */
export function hexDigits(word: number, digits = 8): string {
  return (word >>> 0).toString(16).padStart(digits, '0');
}

/** The same as a number: `0x0000002a`. */
export function hex(word: number, digits = 8): string {
  return `0x${hexDigits(word, digits)}`;
}

/** More names than these make no readable line. */
export const mostListed = 12;

/** Names for a message: all if they are few, else the first ones and how many there are besides. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map(printable);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') || 'none' : `${shown.join(', ')} and ${formatCount(more)} more`;
}

/** A whole number with thousands separators, e.g. `1,092,533`. `toLocaleString` would load its locale first, 40 ms. */
export function formatCount(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
