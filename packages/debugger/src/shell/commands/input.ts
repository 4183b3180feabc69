import { UsageError } from '@fireball/contracts';
import type { Command, ShellContext } from '../command.js';

/** Commands by which something comes in from outside. */
export function inputCommands({ session }: ShellContext): readonly Command[] {
  const give = (port: string, bytes: Uint8Array | 'end'): void => {
    const { inputs } = session.target;
    const name = port === '' ? inputs?.names[0] : port;
    if (inputs === undefined || name === undefined)
      throw new UsageError('nothing is read here: firmware with a serial port is typed to, and programs with _start are');
    inputs.give(name, bytes);
    session.wrote('input');
  };
  return [
    {
      names: ['type'],
      argument: '[/PORT] TEXT',
      summary: String.raw`give input now, to a serial port (the console) or the standard input of a program; \n \r \t \e \\ \xHH are bytes; no end of line is added`,
      run: (argument) => {
        const [, port = '', text = ''] = /^(?:\/(\S+)\s+)?(.*)$/s.exec(argument) ?? [];
        if (text === '') throw new UsageError(String.raw`the text that is typed is wanted, such as 'type help()\r'`);
        const bytes = bytesOf(text);
        give(port, bytes);
        return `${bytes.length} byte${bytes.length === 1 ? '' : 's'} typed after ${session.target.instructions} machine instructions`;
      },
    },
    {
      names: ['type-end'],
      argument: '[/PORT]',
      summary: 'no more input will come: who reads finds its end',
      run: (argument) => {
        give(argument.replace(/^\//, ''), 'end');
        return `the input has ended after ${session.target.instructions} machine instructions`;
      },
    },
  ];
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', e: '\x1b', '\\': '\\' };

/** @throws UsageError for an escape that is none */
function bytesOf(text: string): Uint8Array {
  const parts = text.split(/(\\x[\da-f]{2}|\\.?)/is).map((part): Uint8Array => {
    if (!part.startsWith('\\')) return Buffer.from(part);
    if (part.length === 4) return Uint8Array.of(Number.parseInt(part.slice(2), 16));
    const escape = escapes[part.slice(1)];
    if (escape === undefined) throw new UsageError(String.raw`'${part}' is no escape: there are \n, \r, \t, \e, \\ and \xHH`);
    return Buffer.from(escape);
  });
  return Buffer.concat(parts);
}
