import { UsageError } from '@fireball/contracts';
import { countOf, mostSteps, type Command, type ShellContext } from '../command.js';
import { hex } from '../format.js';
import { placesNamed } from '../places.js';

/** Commands that say where it stops. */
export function stopCommands(context: ShellContext): readonly Command[] {
  const { session, watchpoints } = context;
  const watch = (argument: string, kind: 'read' | 'write'): string => {
    const { id, text } = watchpoints.add(argument, kind);
    return `watchpoint w${id}: ${text}`;
  };
  return [
    {
      names: ['break', 'b'],
      argument: 'WHERE [if EXPRESSION]',
      summary:
        'stop at a function (name or fINDEX), a wasm offset (0x2a), a machine address (*0x10010), every template or wasm instruction of a kind (kind i32.load), every trap (trap, or trap and its kind)',
      run: (argument) => addBreakpoint(context, argument, false),
    },
    { names: ['tbreak', 'tb'], argument: 'WHERE [if EXPRESSION]', summary: 'the same, once', run: (argument) => addBreakpoint(context, argument, true) },
    {
      names: ['ignore'],
      argument: 'NUMBER COUNT',
      summary: 'pass a breakpoint so many times, going forwards',
      run: (argument) => {
        const [, number = '', count = ''] = /^(\d+)\s+(\d+)$/.exec(argument) ?? [];
        if (count === '') throw new UsageError('the number of a breakpoint, and how often it is passed, are wanted');
        const breakpoint = session.breakpoints.at(Number(number));
        breakpoint.ignored = countOf(count, mostSteps);
        return `breakpoint ${number} is passed ${count} times`;
      },
    },
    {
      names: ['watch'],
      argument: 'ADDRESS|gINDEX|lINDEX [SIZE]',
      summary: 'stop behind writes; @16 is offset 16 in linear memory; of a local (l0), behind changes, step by step until its function returns',
      run: (argument) => watch(argument, 'write'),
    },
    { names: ['rwatch'], argument: 'ADDRESS|gINDEX [SIZE]', summary: 'stop behind reads', run: (argument) => watch(argument, 'read') },
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

async function addBreakpoint({ session, scope }: ShellContext, argument: string, once: boolean): Promise<string> {
  const [, where = '', condition] = /^(.*?)(?:\s+if\s+(.*))?$/s.exec(argument) ?? [];
  const places = await placesNamed(where, session, scope);
  const { id } = session.breakpoints.add(argument, places, { once, condition: condition === undefined ? undefined : scope.condition(condition) });
  const [first, ...more] = places;
  return `breakpoint ${id} at 0x${hex(first!.address)}${more.length === 0 ? '' : ` and ${more.length} more places`}`;
}
