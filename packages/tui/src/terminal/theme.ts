import type { Role } from '../screen/canvas.js';

/** How a role looks, in the words of terminal-kit. Colours are the sixteen of the user's own terminal, so that light and dark ones show them. */
export interface Look {
  readonly color?: string;
  readonly bgColor?: string;
  readonly bold?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

const coloured: Readonly<Record<Role, Look>> = {
  plain: {},
  dim: { color: 'gray' },
  title: { color: 'brightWhite', bgColor: 'blue' },
  running: { color: 'black', bgColor: 'yellow' },
  header: { bold: true },
  focused: { bold: true, inverse: true },
  current: { color: 'brightWhite', bgColor: 'blue', bold: true },
  cursor: { inverse: true },
  linked: { color: 'magenta' },
  changed: { color: 'red', bold: true },
  breakpoint: { color: 'red', bold: true },
  hole: { color: 'green' },
  output: {},
  error: { color: 'red' },
  key: { bold: true },
};

const plain: Readonly<Record<Role, Look>> = {
  plain: {},
  dim: {},
  title: { inverse: true },
  running: { inverse: true, bold: true },
  header: { bold: true },
  focused: { bold: true, inverse: true },
  current: { bold: true },
  cursor: { inverse: true },
  linked: { underline: true },
  changed: { bold: true },
  breakpoint: { bold: true },
  hole: { underline: true },
  output: {},
  error: { bold: true },
  key: { bold: true },
};

/** Without colours where NO_COLOR is set (no-color.org). */
export function themeFor(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<Role, Look>> {
  const { NO_COLOR: noColor = '' } = environment;
  return noColor === '' ? coloured : plain;
}
