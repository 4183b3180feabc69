import { unknownName, UsageError } from '@fireball/contracts';
import type { SessionStop, Unit } from '../../session/session.js';
import { countOf, mostSteps, type Command, type ShellContext } from '../command.js';
import { describePosition } from '../position.js';

/** Steps until others have their turn. */
const stepsOfTurn = 1000;

const units: readonly {
  readonly unit: Unit;
  readonly name: string;
  readonly into: readonly string[];
  readonly over: readonly string[];
  readonly back: string;
}[] = [
  { unit: 'wasm', name: 'wasm instruction', into: ['wi', 'step', 's'], over: ['next', 'n', 'nw'], back: 'rwi' },
  { unit: 'template', name: 'template', into: ['ti'], over: ['nt'], back: 'rti' },
  { unit: 'machine', name: 'machine instruction', into: ['si', 'stepi'], over: ['nexti', 'ni'], back: 'rsi' },
];

/** Commands that go forwards and backwards. */
export function movementCommands(context: ShellContext): readonly Command[] {
  const { session, scope } = context;
  return [
    { names: ['continue', 'c'], argument: '', summary: 'go on to the next stop', run: async () => context.moved(await session.resume()) },
    { names: ['reverse-continue', 'rc'], argument: '', summary: 'back to the last stop', run: async () => context.moved(await session.resumeBack()) },
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
      run: async (argument) => context.moved(await session.finish(unitNamed(argument))),
    },
    {
      names: ['reverse-finish', 'rfin'],
      argument: '[wasm|template]',
      summary: 'back to the call of the function',
      run: async (argument) => context.moved(await session.finishBack(unitNamed(argument))),
    },
    {
      names: ['until'],
      argument: 'EXPRESSION',
      summary: 'go on, step by step, until its value changes',
      run: async (argument) => {
        scope.evaluate(argument);
        return context.moved(await session.untilChange([{ what: argument, read: () => scope.valueIfAny(argument, 0) }]));
      },
    },
    {
      names: ['goto'],
      argument: 'COUNT',
      summary: 'to the position after so many machine instructions',
      run: (argument) => context.moved(session.goTo(countOf(argument, Number.MAX_SAFE_INTEGER))),
    },
    {
      names: ['last-write', 'who'],
      argument: 'ADDRESS|gINDEX [SIZE]',
      summary: 'back to the machine instruction that wrote there last',
      run: async (argument) => {
        const { address, size } = scope.range(argument);
        const found = await session.lastWrite(address, size);
        return [...(found ? [] : ['nothing has written there since history began']), describePosition(session)].join('\n');
      },
    },
  ];
}

async function repeat(context: ShellContext, unit: Unit, argument: string, step: () => SessionStop | Promise<SessionStop>): Promise<string> {
  const { session } = context;
  if (unit !== 'machine' && session.view.functions.length === 0) throw new UsageError('there is no wasm here: si, ni, rsi and rni go by machine instructions');
  const times = argument === '' ? 1 : countOf(argument, mostSteps);
  let stop: SessionStop = { why: 'step' };
  for (let done = 0; done < times && stop.why === 'step'; done++) {
    stop = await step();
    if (done % stepsOfTurn === stepsOfTurn - 1 && (await session.wasInterrupted())) stop = { why: 'interrupted' };
  }
  return context.moved(stop);
}

function unitNamed(text: string): Unit {
  if (text !== '' && text !== 'wasm' && text !== 'template' && text !== 'machine') throw unknownName('unit', text, ['wasm', 'template', 'machine']);
  return text === '' ? 'machine' : text;
}
