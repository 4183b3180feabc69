import { hex, UsageError, type WatchKind } from '@fireball/contracts';
import type { Breakpoint, CodePlace } from '../../session/breakpoints.js';
import { mostSteps, type Command, type ShellContext } from '../command.js';
import { countOf } from '../count.js';
import { stopNamed, type NamedStop } from '../places.js';

/** Commands that say where it stops. */
export function stopCommands(context: ShellContext): readonly Command[] {
  const { session, scope, watchpoints } = context;
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
        const [, name = '', count = ''] = /^(w?\d+)\s+(\d+)$/.exec(argument) ?? [];
        if (count === '') throw new UsageError('the number of a breakpoint, and how often it is passed, are wanted');
        breakpointOf(stopNumbered(context, name)).ignored = countOf(count, mostSteps);
        return `${name.startsWith('w') ? 'watchpoint' : 'breakpoint'} ${name} is passed ${count} times`;
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
      argument: '[NUMBER|wNUMBER ...]',
      summary: 'take out breakpoints and watchpoints, all of them where none is named',
      run: (argument) => {
        for (const stop of stopsNumbered(context, argument)) stop.remove();
        return '';
      },
    },
    { names: ['disable'], argument: '[NUMBER|wNUMBER ...]', summary: 'breakpoints stay, and do not stop', run: (argument) => enable(context, argument, false) },
    { names: ['enable'], argument: '[NUMBER|wNUMBER ...]', summary: 'they stop again', run: (argument) => enable(context, argument, true) },
    {
      names: ['condition'],
      argument: 'NUMBER|wNUMBER [EXPRESSION]',
      summary: 'stop only where that is true, or always',
      run: (argument) => {
        const [, name = '', text] = /^(\S*)(?:\s+(.+))?$/s.exec(argument) ?? [];
        const stop = stopNumbered(context, name);
        breakpointOf(stop).condition = text === undefined ? undefined : scope.condition(text);
        stop.describe(text === undefined ? '' : ` if ${text}`);
        session.breakpoints.changes++;
        return '';
      },
    },
  ];
}

/** A breakpoint or a watchpoint. */
interface NumberedStop {
  /** As `info breakpoints` calls it. */
  readonly name: string;
  /** Undefined of a watchpoint of a local, which is none of the session's. */
  readonly breakpoint: Breakpoint | undefined;
  /** What lists say of it, without its condition, and with another one behind. */
  describe(condition: string): void;
  enable(isEnabled: boolean): void;
  remove(): void;
}

const withoutCondition = (text: string): string => text.replace(/\s+if\s.*$/s, '');

/** What a number, or w and a number, names. @throws UsageError for anything else */
function stopNumbered({ session: { breakpoints }, watchpoints }: ShellContext, name: string): NumberedStop {
  const [, isWatch, digits = ''] = /^(w?)(\d+)$/.exec(name) ?? [];
  if (digits === '') throw new UsageError('the number of a breakpoint, or w and that of a watchpoint, is wanted');
  const number = Number(digits);
  const watchpoint = isWatch === 'w' ? watchpoints.at(number) : undefined;
  const id = watchpoint === undefined ? number : watchpoint.breakpoint;
  const breakpoint = id === undefined ? undefined : breakpoints.at(id);
  return {
    name,
    breakpoint,
    describe: (condition) => {
      if (watchpoint !== undefined) watchpoint.text = `${withoutCondition(watchpoint.text)}${condition}`;
      else if (breakpoint !== undefined) breakpoint.where = `${withoutCondition(breakpoint.where)}${condition}`;
    },
    enable: (isEnabled) => {
      if (watchpoint !== undefined) watchpoint.enable(isEnabled);
      else if (breakpoint !== undefined) breakpoint.isEnabled = isEnabled;
    },
    remove: () => {
      (watchpoint === undefined ? breakpoints : watchpoints).remove(number);
    },
  };
}

/** Those whose numbers are given, or all that there are. @throws UsageError for a number that none has */
function stopsNumbered(context: ShellContext, argument: string): readonly NumberedStop[] {
  const { session, watchpoints } = context;
  const own = session.breakpoints.all.filter(({ id }) => watchpoints.of(id) === undefined).map(({ id }) => String(id));
  const names = argument === '' ? [...own, ...watchpoints.all.map(({ id }) => `w${id}`)] : argument.split(/\s+/);
  return names.map((name) => stopNumbered(context, name));
}

/** @throws UsageError for a watchpoint of a local */
function breakpointOf({ name, breakpoint }: NumberedStop): Breakpoint {
  if (breakpoint === undefined) throw new UsageError(`${name} watches a local: it can be disabled, enabled and deleted, and nothing else`);
  return breakpoint;
}

function enable(context: ShellContext, argument: string, isEnabled: boolean): string {
  const { breakpoints } = context.session;
  for (const stop of stopsNumbered(context, argument)) stop.enable(isEnabled);
  breakpoints.changes++;
  return '';
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
