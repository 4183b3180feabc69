import { InvalidInputError, MissingPartError, UnsupportedError } from '@fireball/contracts';
import {
  ModuleTrapError,
  noStatistics,
  UnlinkableError,
  type Engine,
  type EngineOptions,
  type Extern,
  type LinkableModule,
  type LinkedInstance,
  type Linker,
  type Outcome,
  type TrapReport,
} from '@fireball/engines';
import type { TierStatistics } from '@fireball/vsoc';
import { formatValue, type Work } from '@fireball/wasm';
import { describeEndless, describeOutcome, isEndless } from '../diff/compare.js';
import { knownFailures, type KnownFailure } from './known-failures.js';
import { readScript, type Script, type ScriptAction, type ScriptCommand } from './script.js';
import { createSpectest } from './spectest.js';
import { argumentOf, formatExpected, matches } from './values.js';

/** An assertion of the suite that an engine does not pass. */
export interface SpecFailure {
  /** Name of the `.wast` file, and the line in it. */
  readonly file: string;
  readonly line: number;
  readonly engine: string;
  readonly message: string;
}

/** How the tests of a script ended on one engine. */
export interface SpecResult {
  readonly passed: number;
  /** Malformed tests in the text format, which engines do not read. Nothing else is skipped. */
  readonly skipped: number;
  /** Tests that failed as `knownFailures` says. */
  readonly known: number;
  readonly failures: readonly SpecFailure[];
  /** What mixed mode did meanwhile. */
  readonly tier?: TierStatistics;
}

/** What is known of a script before it runs. */
export interface ScriptSettings {
  /** Tests that fail. */
  readonly known?: readonly KnownFailure[];
  /** What each command took in the reference, by its position: a call that takes far more does not end. `options.fuel` is the limit where absent. */
  readonly reference?: readonly Work[];
  /** Gets that, where the engine is the reference. */
  readonly record?: Work[];
}

/** Runs one script on one engine; every command is a test. A new linker makes scripts independent of one another. */
export async function runScript(
  file: string,
  engine: Engine,
  options: EngineOptions,
  { known = knownFailures, reference, record }: ScriptSettings = {},
): Promise<SpecResult> {
  const script = await readScript(file);
  const linker = engine.createLinker(options);
  try {
    const result = await new ScriptRun(script, linker, reference).run(
      engine.name,
      known.filter((entry) => entry.engine === engine.name && entry.file === script.source),
      record,
    );
    const { tierStatistics: tier } = linker;
    return tier === undefined ? result : { ...result, tier };
  } finally {
    linker.close();
  }
}

/** The engine does not do what the script expects. */
class Disappointment extends Error {}

class ScriptRun {
  /** By name, the last one also under undefined; where instantiation failed, the message that said so. */
  private readonly instances = new Map<string | undefined, LinkedInstance | string>();
  private readonly registered = new Map<string, LinkedInstance>();
  private readonly spectest: (name: string) => Extern | undefined;
  /** What the command under way took in the reference. */
  private work: Work | undefined;

  constructor(
    private readonly script: Script,
    private readonly linker: Linker,
    private readonly reference: readonly Work[] | undefined,
  ) {
    this.spectest = createSpectest(linker.host);
  }

  async run(engine: string, expected: readonly KnownFailure[], record: Work[] | undefined): Promise<SpecResult> {
    const { source, commands } = this.script;
    let passed = 0;
    let skipped = 0;
    let known = 0;
    const failures: SpecFailure[] = [];
    for (const [position, command] of commands.entries()) {
      if (command.type === 'assert_malformed' && command.module_type === 'text') {
        skipped += 1;
        continue;
      }
      this.work = this.reference?.[position];
      const error = await failure(this.execute(command));
      const work = this.linker.lastWork?.();
      if (record !== undefined && work !== undefined) record[position] = work;
      // Without a part of the system no test says anything.
      if (error instanceof MissingPartError) throw error;
      const listed = expected.find(({ line }) => line === command.line);
      const fail = (message: string): void => void failures.push({ file: source, line: command.line, engine, message });
      if (error === undefined && listed === undefined) passed += 1;
      else if (error !== undefined && listed !== undefined) known += 1;
      else if (listed !== undefined) fail(`passes, but is listed as a known failure: ${listed.reason}`);
      else fail(error!.message);
    }
    return { passed, skipped, known, failures };
  }

  private async execute(command: ScriptCommand): Promise<void> {
    switch (command.type) {
      case 'module':
        return this.define(command);
      case 'register':
        this.registered.set(command.as ?? '', this.instance(command.name));
        return;
      case 'action':
        this.expectResults(command, undefined);
        return;
      case 'assert_return':
        this.expectResults(command, command.expected ?? []);
        return;
      case 'assert_trap':
      case 'assert_exhaustion':
        // A module that traps as it starts was written this way before assert_uninstantiable came.
        if (command.action === undefined) return this.expectStartTrap(command);
        this.expectCallTrap(command, command.action);
        return;
      case 'assert_uninstantiable':
        return this.expectStartTrap(command);
      case 'assert_unlinkable':
        return this.expectUnlinkable(command);
      case 'assert_invalid':
      case 'assert_malformed':
        this.expectRefusal(command);
        return;
      default:
        throw new UnsupportedError(`the script command ${command.type}`);
    }
  }

  private load({ filename, module_type: type = 'binary' }: ScriptCommand): LinkableModule {
    if (filename === undefined) throw new Disappointment('the command names no file');
    if (type !== 'binary') throw new UnsupportedError('modules in the text format in scripts');
    const { file, bytes } = this.script.module(filename);
    return this.linker.load(file, bytes);
  }

  private instantiate(command: ScriptCommand): Promise<LinkedInstance> {
    return this.load(command).instantiate(
      (module, name) => (module === 'spectest' ? this.spectest(name) : this.registered.get(module)?.exports.get(name)),
      this.work,
    );
  }

  private async define(command: ScriptCommand): Promise<void> {
    const names = [undefined, command.name];
    try {
      const instance = await this.instantiate(command);
      for (const name of names) this.instances.set(name, instance);
    } catch (error) {
      // The commands that use this module must not find the one before it.
      for (const name of names) this.instances.set(name, (error as Error).message);
      throw error;
    }
  }

  private instance(name: string | undefined): LinkedInstance {
    const found = this.instances.get(name) ?? 'it was never defined';
    if (typeof found === 'string') throw new Disappointment(`no instance${name === undefined ? '' : ` ${name}`}: ${found}`);
    return found;
  }

  private perform({ type, module, field, args = [] }: ScriptAction): Outcome {
    const instance = this.instance(module);
    if (type === 'invoke') return instance.invoke(field, args.map(argumentOf), this.work);
    if (type === 'get') return { results: [instance.exportedGlobal(field)], trap: null, statistics: noStatistics };
    throw new UnsupportedError(`the script action ${type}`);
  }

  private expectResults({ action }: ScriptCommand, expected: ScriptCommand['expected']): void {
    if (action === undefined) throw new Disappointment('the command has no action');
    const outcome = this.perform(action);
    const fits =
      outcome.trap === null &&
      (expected === undefined || (expected.length === outcome.results.length && expected.every((value, index) => matches(value, outcome.results[index]!))));
    if (fits) return;
    const wanted = expected === undefined ? 'no trap' : expected.map(formatExpected).join(', ') || 'no result';
    const call = `${action.field}(${(action.args ?? []).map((value) => formatValue(argumentOf(value))).join(', ')})`;
    throw new Disappointment(`${call}: expected ${wanted}, got ${this.describe(outcome)}`);
  }

  private expectCallTrap(command: ScriptCommand, action: ScriptAction): void {
    const outcome = this.perform(action);
    expectKind(command, outcome.trap, this.describe(outcome));
  }

  private describe(outcome: Outcome): string {
    return isEndless(outcome) ? describeEndless(outcome, this.work) : describeOutcome(outcome);
  }

  private async expectStartTrap(command: ScriptCommand): Promise<void> {
    const error = await failure(this.instantiate(command));
    if (!(error instanceof ModuleTrapError)) throw error ?? new Disappointment(`expected a trap: ${command.text}, got an instance`);
    expectKind(command, error.trap, error.message);
  }

  private async expectUnlinkable(command: ScriptCommand): Promise<void> {
    const error = await failure(this.instantiate(command));
    if (error instanceof UnlinkableError) return;
    throw error ?? new Disappointment(`expected that it cannot be linked: ${command.text}, got an instance`);
  }

  private expectRefusal(command: ScriptCommand): void {
    try {
      this.load(command);
    } catch (error) {
      // What belongs to a proposal that the engine refuses by name is not in the language that it knows.
      if (error instanceof InvalidInputError || error instanceof UnsupportedError) return;
      throw error;
    }
    throw new Disappointment(`expected that the module is refused: ${command.text}`);
  }
}

/**
 * Texts are compared as the reference interpreter does, by prefix, and either way: the suite says `uninitialized element 2` where
 * the kind is `uninitialized element`, scripts say `out of bounds` where it is `out of bounds memory access`.
 */
function expectKind({ text = '' }: ScriptCommand, trap: TrapReport | null, actual: string): void {
  if (trap?.kinds.some((kind) => text.startsWith(kind) || kind.startsWith(text)) === true) return;
  throw new Disappointment(`expected a trap: ${text}, got ${actual}`);
}

/** The error that a promise ends with, or undefined. */
async function failure(promise: Promise<unknown>): Promise<Error | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
