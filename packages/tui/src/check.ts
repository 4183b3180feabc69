import { UsageError } from '@fireball/contracts';
import type { TerminalStreams } from './terminal/terminal.js';

/** @throws UsageError where there is no terminal, or one that cannot move its cursor */
export function checkTerminal({ input, output, environment }: TerminalStreams): void {
  if (!input.isTTY || !output.isTTY)
    throw new UsageError('--tui needs a terminal, and standard input and output are not both one; without --tui commands are read line by line');
  const { TERM: name = '' } = environment;
  if (name === '' || name === 'dumb') throw new UsageError(`--tui needs a terminal that can move its cursor; TERM is ${name === '' ? 'not set' : `'${name}'`}`);
}
