import { unknownName, UsageError } from '@fireball/contracts';
import type { CodePlace } from '../session/breakpoints.js';
import type { Session, SessionStop } from '../session/session.js';
import { kindsOf } from '../session/templates.js';
import type { Command, ShellContext } from './command.js';
import { inputCommands } from './commands/input.js';
import { movementCommands } from './commands/movement.js';
import { sourceCommands } from './commands/sources.js';
import { infoWordsOf, stateCommands } from './commands/state.js';
import { stopCommands } from './commands/stops.js';
import { stopNamed } from './places.js';
import { describePosition, describeStop } from './position.js';
import { Scope, UnknownSymbol } from './scope.js';
import { Watchpoints } from './watchpoints.js';

/** A debugger of gdb's words over a session: a line in, text out. */
export class Shell {
  /** `quit` was given. */
  ended = false;
  /** How the last command ended that moved the session. */
  lastStop: SessionStop | undefined;
  readonly scope: Scope;
  readonly #watchpoints: Watchpoints;
  readonly #commands: readonly Command[];

  constructor(
    readonly session: Session,
    /** How the program ended, where it has. */
    private readonly outcome: () => string,
  ) {
    const scope = new Scope(session);
    const watchpoints = new Watchpoints(session, scope);
    const context: ShellContext = {
      session,
      scope,
      watchpoints,
      moved: (stop) => {
        scope.frame = 0;
        this.lastStop = stop;
        return this.describe(stop);
      },
    };
    this.scope = scope;
    this.#watchpoints = watchpoints;
    this.#commands = [
      ...stopCommands(context),
      ...movementCommands(context),
      ...inputCommands(context),
      ...stateCommands(context),
      ...sourceCommands(context),
      ...this.#own(),
    ];
  }

  /** Why the session stands still, where that says something, and where. */
  describe(stop: SessionStop): string {
    const why = describeStop(stop, this.outcome, this.#watchpoints);
    return [...(why === undefined ? [] : [why]), describePosition(this.session)].join('\n');
  }

  /**
   * What the last word of a line may become: a command at first, then what the command is about. Within an expression it is the name that is being typed.
   */
  complete(line: string): { readonly candidates: string[]; readonly word: string } {
    const before = /^\s*(.*?)\S*$/s.exec(line)?.[1]?.trim() ?? '';
    const word = (before === '' || before.endsWith('kind') ? /\S*$/ : /[^\s()[\]@$*&|^+<>=!-]*$/).exec(line)?.[0] ?? '';
    return { candidates: this.#wordsBehind(before).filter((candidate) => candidate.startsWith(word)), word };
  }

  #wordsBehind(before: string): readonly string[] {
    const { target, view } = this.session;
    if (before === '') return this.words;
    if (before.endsWith('kind')) return kindsOf(view.functions);
    if (/^i(nfo)?$/.test(before)) return infoWordsOf(this.session);
    if (before.endsWith('device')) return (target.deviceRegisters?.() ?? []).map(({ name }) => name);
    const names = view.functions.map(({ name }) => name);
    return /^(b|break|tb|tbreak)$/.test(before) ? names : [...names, ...target.registers.map(({ name }) => name)];
  }

  /** First words that it knows. */
  get words(): readonly string[] {
    return this.#commands.flatMap(({ names }) => names);
  }

  /** Places in code, as `break` is told them. @throws UsageError where there are none */
  places(where: string): readonly CodePlace[] {
    const { places } = stopNamed(where, this.session, this.scope);
    if (places.length === 0) throw new UsageError(`${where} is at no place in code: break in the console can stop there`);
    return places;
  }

  /**
   * Carries a line out.
   * @returns what to print, without a newline at the end; empty lines and comments (#) print nothing
   * @throws UsageError for a line that cannot be carried out
   */
  async execute(line: string): Promise<string> {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return '';
    // `x/8xw` is a word with its format.
    const [, name = '', format = '', argument = ''] = /^([^\s/]+)(\/\S*)?\s*(.*)$/s.exec(text) ?? [];
    const command = this.#commands.find(({ names }) => names.includes(name));
    if (command === undefined) return this.#printed(text, name);
    return command.run(`${format}${format === '' ? '' : ' '}${argument}`.trim());
  }

  /** The value of a line that is no command, as the consoles of debug clients are used. @throws UsageError where it has none */
  #printed(text: string, name: string): string {
    try {
      return this.scope.describe(text);
    } catch (error) {
      if (error instanceof UnknownSymbol) throw unknownName('command', name, [...this.words]);
      throw error;
    }
  }

  #own(): readonly Command[] {
    return [
      {
        names: ['help', 'h'],
        argument: '',
        summary: 'this list',
        run: () => this.#commands.map(({ names, argument, summary }) => `${`${names.join(', ')} ${argument}`.trim().padEnd(44)}  ${summary}`).join('\n'),
      },
      {
        names: ['quit', 'q'],
        argument: '',
        summary: 'end',
        run: () => {
          this.ended = true;
          return '';
        },
      },
    ];
  }
}
