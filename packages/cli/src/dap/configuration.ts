import { unknownName, UsageError } from '@fireball/contracts';
import type { Option } from 'commander';

/** Fields of launch configurations that clients keep for themselves, or that the adapter reads. */
const ofClients = new Set([
  'type',
  'request',
  'name',
  'noDebug',
  'stopOnEntry',
  'stopOnExit',
  'presentation',
  'preLaunchTask',
  'postDebugTask',
  'internalConsoleOptions',
  'debugServer',
  'cwd',
  'console',
  'trace',
]);

/** What of the command line makes no sense in a launch configuration: the client is the one who gives commands. */
const ofShell = new Set(['script', 'execute', 'batch', 'json', 'verbose', 'dap', 'gdb', 'wait', 'web']);

/**
 * The command line that says what a launch configuration says: `program` is the file, `args` a WASI program's arguments, all else are the options of `fireball debug` by their names
 * in camel case, with the same checks and messages.
 * @throws UsageError for fields that there are not, and values that no option can have
 */
export function commandLineOf(configuration: Readonly<Record<string, unknown>>, options: readonly Option[]): string[] {
  const known = new Map(options.filter((option) => !ofShell.has(option.attributeName())).map((option) => [option.attributeName(), option]));
  const words: string[] = [];
  for (const [field, value] of Object.entries(configuration)) {
    if (field === 'program' || field === 'args' || ofClients.has(field) || field.startsWith('__') || value === undefined || value === null) continue;
    const option = known.get(field);
    if (option === undefined) throw unknownName('field of the launch configuration', field, ['program', 'args', ...known.keys(), ...ofClients]);
    words.push(...wordsOf(field, option, value));
  }
  const { program } = configuration;
  if (typeof program !== 'string' || program === '') throw new UsageError("the launch configuration needs 'program': a module, .wasm or .wat");
  const { args = [] } = configuration;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string')) throw new UsageError("'args' of the launch configuration is a list of strings");
  return [...words, '--', program, ...args];
}

function wordsOf(field: string, option: Option, value: unknown): string[] {
  const name = option.long ?? option.flags;
  if (option.isBoolean()) {
    if (typeof value !== 'boolean') throw new UsageError(`'${field}' of the launch configuration is true or false`);
    return value ? [name] : [];
  }
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.map((each) => `${name}=${each}`);
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new UsageError(`'${field}' of the launch configuration is a string, a number, or a list of strings`);
  return [`${name}=${value}`];
}
