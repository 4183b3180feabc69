import { hex, UsageError, type WatchKind } from '@fireball/contracts';
import type { CodePlace } from '../../session/breakpoints.js';
import { mostSteps, type Command, type ShellContext } from '../command.js';
import { countOf } from '../count.js';
import { stopNamed, type NamedStop } from '../places.js';

/** Commands that say where it stops. */
export function stopCommands(context: ShellContext): readonly Command[] {
  const { session, watchpoints } = context;
  const watch = (argument: string, kind: WatchKind): string => {
    const { id, text } = watchpoints.add(argument, kind);
    return `watchpoint w${id}: ${text}`;
  };
  return [
    {
      names: ['break', 'b'],
      argument: 'WHERE [if EXPRESSION]',
      summary:
        'stop at a function (name or fINDEX), a source line (sum.c:12, or 12 in the file where it stands), a line of the listing (sum.wat:43), a wasm offset (0x2a), a machine address (*0x10010), every template or wasm instruction of a kind (kind i32.load), every trap (trap, or trap and its kind); of firmware, at exceptions and interrupts (irq, irq 5, irq systick) and accesses to devices (device uart0.DATA read|write|access)',
      run: (argument) => addBreakpoint(context, argument, false),
    },
    { names: ['tbreak', 'tb'], argument: 'WHERE [if EXPRESSION]', summary: 'the same, once', run: (argument) => addBreakpoint(context, argument, true) },
    {
      names: ['ignore'],
      argument: 'NUMBER|wNUMBER COUNT',
      summary: 'pass a breakpoint or watchpoint so many times, going forwards',
      run: (argument) => {
        const [, isWatch, number = '', count = ''] = /^(w?)(\d+)\s+(\d+)$/.exec(argument) ?? [];
        if (count === '') throw new UsageError('the number of a breakpoint, and how often it is passed, are wanted');
        const id = isWatch === 'w' ? watchpoints.at(Number(number)).breakpoint : Number(number);
        if (id === undefined) throw new UsageError(`w${number} watches a local: changes of locals cannot be passed`);
        session.breakpoints.at(id).ignored = countOf(count, mostSteps);
        return `${isWatch === 'w' ? 'watchpoint w' : 'breakpoint '}${number} is passed ${count} times`;
      },
    },
    {
      names: ['watch'],
      argument: 'ADDRESS|gINDEX|lINDEX [SIZE] [if EXPRESSION]',
      summary: 'stop behind writes; @16 is offset 16 in linear memory; of a local (l0), behind changes, step by step until its function returns',
      run: (argument) => watch(argument, 'write'),
    },
    { names: ['rwatch'], argument: 'ADDRESS|gINDEX [SIZE] [if EXPRESSION]', summary: 'stop behind reads', run: (argument) => watch(argument, 'read') },
    { names: ['awatch'], argument: 'ADDRESS|gINDEX [SIZE] [if EXPRESSION]', summary: 'stop behind both', run: (argument) => watch(argument, 'access') },
    {
      names: ['delete', 'd'],
      argument: 'NUMBER|wNUMBER',
      summary: 'take out a breakpoint or a watchpoint',
      run: (argument) => {
        const [, isWatch, number = ''] = /^(w?)(\d+)$/.exec(argument) ?? [];
        if (number === '') throw new UsageError('the number of a breakpoint, or w and that of a watchpoint, is wanted');
        if (isWatch === 'w') watchpoints.remove(Number(number));
        else session.breakpoints.remove(Number(number));
        return '';
      },
    },
  ];
}

function addBreakpoint({ session, scope }: ShellContext, argument: string, once: boolean): string {
  const [, where = '', condition] = /^(.*?)(?:\s+if\s+(.*))?$/s.exec(argument) ?? [];
  const holds = condition === undefined ? undefined : scope.condition(condition);
  const { places, line, ...stop } = stopNamed(where, session, scope);
  const { id } = session.breakpoints.add(line === undefined ? argument : `${line.text}${condition === undefined ? '' : ` if ${condition}`}`, places, {
    once,
    condition: holds,
    ...stop,
  });
  const at = line === undefined ? '' : ` at ${line.text}${line.moved},`;
  return `breakpoint ${id}${at} ${describePlaces(places, stop)}`;
}

function describePlaces([first, ...more]: readonly CodePlace[], { watched, exception }: Omit<NamedStop, 'places' | 'line'>): string {
  if (watched !== undefined) return `at every ${watched.kind} of ${watched.size} bytes at ${hex(watched.address)}`;
  if (exception !== undefined) return 'at every such exception';
  if (first === undefined) return 'at no place yet';
  return `at ${hex(first.address)}${more.length === 0 ? '' : ` and ${more.length} more ${more.length === 1 ? 'place' : 'places'}`}`;
}
