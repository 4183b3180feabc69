import { unknownName, UsageError } from '@fireball/contracts';
import type { Session, SessionStop, Unit, WatchedValue } from '../../session/session.js';
import { LineSteps } from '../../sources/line-steps.js';
import { mostSteps, type Command, type ShellContext } from '../command.js';
import { countOf } from '../count.js';
import { describePosition } from '../position.js';
import type { Scope } from '../scope.js';

/** Not the program has written. */
const setHere = 'set from the debugger, here:';

/** Steps until others have their turn. */
const stepsOfTurn = 1000;

const units: readonly {
  readonly unit: Unit;
  readonly name: string;
  readonly into: readonly string[];
  readonly over: readonly string[];
  readonly back: string;
}[] = [
  { unit: 'wasm', name: 'wasm instruction', into: ['wi'], over: ['nw'], back: 'rwi' },
  { unit: 'template', name: 'template', into: ['ti'], over: ['nt'], back: 'rti' },
  { unit: 'machine', name: 'machine instruction', into: ['si', 'stepi'], over: ['nexti', 'ni'], back: 'rsi' },
];

/** Commands that go forwards and backwards. */
export function movementCommands(context: ShellContext): readonly Command[] {
  const { session, scope } = context;
  const lines = new LineSteps(session);
  const byLine = (names: readonly string[], how: string, step: () => Promise<SessionStop>): Command => ({
    names,
    argument: '[COUNT]',
    summary: `one source line ${how}; where nothing says which lines there are, one wasm instruction, of firmware one machine instruction`,
    run: (argument) => repeat(context, lines.unit, argument, step),
  });
  return [
    { names: ['continue', 'c'], argument: '', summary: 'go on to the next stop', run: async () => context.moved(await session.resume()) },
    { names: ['reverse-continue', 'rc'], argument: '', summary: 'back to the last stop', run: async () => context.moved(await session.resumeBack()) },
    byLine(['step', 's'], 'on, into functions that have lines', () => lines.step('into')),
    byLine(['next', 'n'], 'on, over calls', () => lines.step('over')),
    byLine(['rstep', 'reverse-step'], 'back, into functions that have lines', () => lines.stepBack('into')),
    byLine(['rnext', 'rn', 'reverse-next'], 'back, over calls', () => lines.stepBack('over')),
    ...units.flatMap(({ unit, name, into, over, back }): Command[] => {
      const command = (names: readonly string[], how: string, step: () => SessionStop | Promise<SessionStop>): Command => ({
        names,
        argument: '[COUNT]',
        summary: `one ${name} ${how}`,
        run: (argument) => repeat(context, unit, argument, step),
      });
      return [
        command(into, 'on, into calls', () => session.step(unit)),
        command(over, 'on, over calls', () => session.stepOver(unit)),
        command([back], 'back', () => session.stepBack(unit)),
        command(
          over.map((word) => `r${word}`),
          'back, over calls',
          () => session.stepBackOver(unit),
        ),
      ];
    }),
    {
      names: ['finish', 'fin'],
      argument: '[wasm|template]',
      summary: 'go on until the function has returned, or to the first such behind that',
      run: async (argument) => context.moved(await session.finish(unitNamed(session, argument))),
    },
    {
      names: ['reverse-finish', 'rfinish', 'rfin'],
      argument: '[wasm|template]',
      summary: 'back to the call of the function',
      run: async (argument) => context.moved(await session.finishBack(unitNamed(session, argument))),
    },
    {
      names: ['until'],
      argument: 'EXPRESSION',
      summary: 'go on, step by step, until its value changes',
      run: async (argument) => context.moved(await session.untilChange([watchedExpression(scope, argument)])),
    },
    {
      names: ['reverse-until', 'runtil'],
      argument: 'EXPRESSION',
      summary: 'back, to behind the last step that changed its value',
      run: async (argument) => context.moved(await session.untilChangeBack([watchedExpression(scope, argument)])),
    },
    {
      names: ['goto'],
      argument: 'COUNT',
      summary: 'to the position after so many machine instructions',
      run: (argument) => context.moved(session.goTo(countOf(argument, Number.MAX_SAFE_INTEGER))),
    },
    {
      names: ['last-write', 'who'],
      argument: 'ADDRESS|gINDEX|lINDEX [SIZE]',
      summary: 'back to the instruction that wrote there last, or gave a local another value, or to where it was set from the debugger',
      run: (argument) => (/^l\d+$/.test(argument) ? lastChange(context, argument) : lastWrite(context, argument)),
    },
  ];
}

function watchedExpression(scope: Scope, text: string): WatchedValue {
  scope.evaluate(text);
  return { what: text, read: () => scope.valueIfAny(text, 0) };
}

async function lastWrite({ session, scope }: ShellContext, argument: string): Promise<string> {
  const { address, size } = scope.range(argument);
  const writer = await session.lastWrite(address, size);
  const said = { instruction: [], user: [setHere], none: ['nothing has written there since history began'] }[writer ?? 'none'];
  return [...said, describePosition(session)].join('\n');
}

/** A local is in registers, or has several places: its writer is who changes its value. */
async function lastChange(context: ShellContext, local: string): Promise<string> {
  const { session, scope } = context;
  const watched = scope.watchedLocal(local);
  const stop = await session.untilChangeBack([watched], { passesBreakpoints: true });
  if (stop.why === 'begin') return [`nothing has changed ${local} since history began, or its function`, context.moved({ why: 'step' })].join('\n');
  if (stop.why === 'changed' && watched.isSetHere()) return [setHere, context.moved({ why: 'step' })].join('\n');
  if (stop.why === 'changed') session.stepBack('wasm');
  return context.moved(stop);
}

async function repeat(context: ShellContext, unit: Unit, argument: string, step: () => SessionStop | Promise<SessionStop>): Promise<string> {
  const { session } = context;
  checkUnit(session, unit);
  const times = argument === '' ? 1 : countOf(argument, mostSteps);
  let stop: SessionStop = { why: 'step' };
  for (let done = 0; done < times && stop.why === 'step'; done++) {
    stop = await step();
    if (done % stepsOfTurn === stepsOfTurn - 1 && (await session.wasInterrupted())) stop = { why: 'interrupted' };
  }
  return context.moved(stop);
}

function unitNamed(session: Session, text: string): Unit {
  if (text !== '' && text !== 'wasm' && text !== 'template' && text !== 'machine') throw unknownName('unit', text, ['wasm', 'template', 'machine']);
  const unit = text === '' ? 'machine' : text;
  checkUnit(session, unit);
  return unit;
}

function checkUnit({ view }: Session, unit: Unit): void {
  if (unit !== 'machine' && view.functions.length === 0) throw new UsageError('there is no wasm here: si, ni, rsi and rni go by machine instructions');
}
