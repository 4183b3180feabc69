/** Characters of frames and marks. */
export interface Glyphs {
  readonly horizontal: string;
  readonly vertical: string;
  /** In front of what comes next. */
  readonly here: string;
  /** The same, inside of what an instruction became. */
  readonly inside: string;
  readonly breakpoint: string;
  /** In front of what can be opened, and of what is open. */
  readonly closed: string;
  readonly open: string;
  readonly passed: string;
  readonly position: string;
  readonly ahead: string;
}

const box: Glyphs = { horizontal: '─', vertical: '│', here: '▶', inside: '▷', breakpoint: '●', closed: '▸', open: '▾', passed: '━', position: '◆', ahead: '─' };
const ascii: Glyphs = {
  horizontal: '-',
  vertical: '|',
  here: '>',
  inside: '~',
  breakpoint: 'B',
  closed: '+',
  open: '-',
  passed: '=',
  position: '#',
  ahead: '-',
};

/** Does the locale's encoding have more than ASCII? */
export function isUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  return /utf-?8/i.test(locale);
}

/** Those that the locale's encoding has. */
export function glyphsFor(environment: Readonly<Record<string, string | undefined>>): Glyphs {
  return isUnicode(environment) ? box : ascii;
}
