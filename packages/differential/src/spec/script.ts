import { basename, dirname, join } from 'node:path';
import { InvalidInputError, readInputFile, readInputText } from '@fireball/contracts';
import { convertScript } from '@fireball/engines';

// The JSON that wabt's wast2json makes of a `.wast` script (wabt, docs/wast2json.md).

/** A value, or as a result also a pattern: `nan:canonical`, `nan:arithmetic`; a reference without value is any but null. */
export interface ScriptValue {
  readonly type: string;
  /** Decimal: integers and raw bits of floats unsigned; references `null` or a number of the host's. */
  readonly value?: string;
}

export interface ScriptAction {
  readonly type: string;
  /** Name of the module, e.g. `$m`; the last one where absent. */
  readonly module?: string;
  /** Name of the export. */
  readonly field: string;
  readonly args?: readonly ScriptValue[];
}

export interface ScriptCommand {
  readonly type: string;
  /** Of the `.wast` file. */
  readonly line: number;
  readonly name?: string;
  /** Module, relative to the script. */
  readonly filename?: string;
  readonly module_type?: 'binary' | 'text';
  /** Name under which `register` lets others import. */
  readonly as?: string;
  readonly action?: ScriptAction;
  readonly expected?: readonly ScriptValue[];
  /** What the official test expects to be said. */
  readonly text?: string;
}

export interface Script {
  /** Name of the `.wast` file. */
  readonly source: string;
  readonly commands: readonly ScriptCommand[];
  /** Reads the module that a command names by `filename`. */
  module(filename: string): LoadedBytes;
}

/** A module's bytes, with the file that messages name. */
interface LoadedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Endings of scripts: as people write them, and as wast2json does. */
export const scriptEndings = ['.wast', '.json'] as const;

/** The name by which a script is reported, whichever form it has. */
export function sourceName(file: string): string {
  return `${basename(file).replace(/\.(json|wast)$/, '')}.wast`;
}

/** Reads a script. That files and exports exist is checked where they are used: what is missing is a failure of that command. */
export async function readScript(file: string): Promise<Script> {
  return file.endsWith('.wast') ? readText(file) : readJson(file);
}

function readJson(file: string): Script {
  const text = readInputText(file);
  const content = parse(file, text) as { source_filename?: unknown; commands?: unknown } | null;
  const { source_filename: source, commands } = content ?? {};
  if (typeof source !== 'string' || !Array.isArray(commands)) {
    throw new InvalidInputError('this is no output of wast2json: source_filename or commands is missing', { file });
  }
  commands.forEach((command: unknown, index) => {
    const wrong = wrongField(command);
    if (wrong !== undefined) throw new InvalidInputError(`this is no output of wast2json: command ${index}: ${wrong}`, { file });
  });
  const module = (filename: string): LoadedBytes => {
    const path = join(dirname(file), filename);
    return { file: path, bytes: readInputFile(path) };
  };
  return { source, commands: commands as ScriptCommand[], module };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const optionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';
/** A vector's value is a list, one for each lane: that is no broken script, and the values are refused where they are used. */
const isValue = (value: unknown): boolean =>
  isFields(value) && typeof value['type'] === 'string' && (optionalText(value['value']) || Array.isArray(value['value']));
const areValues = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isValue));

function isAction(value: unknown): boolean {
  return (
    value === undefined ||
    (isFields(value) && typeof value['type'] === 'string' && typeof value['field'] === 'string' && optionalText(value['module']) && areValues(value['args']))
  );
}

/** What each field of a command must be. */
const fieldChecks: readonly { readonly field: keyof ScriptCommand; readonly must: string; readonly holds: (value: unknown) => boolean }[] = [
  { field: 'type', must: 'a string', holds: (value) => typeof value === 'string' },
  { field: 'line', must: 'a whole number', holds: Number.isInteger },
  ...(['name', 'filename', 'module_type', 'as', 'text'] as const).map((field) => ({ field, must: 'a string', holds: optionalText })),
  { field: 'action', must: 'an object with type, field and args', holds: isAction },
  { field: 'expected', must: 'a list of values with types', holds: areValues },
];

/** What is wrong with the shape of a command; undefined where nothing is. */
function wrongField(command: unknown): string | undefined {
  if (!isFields(command)) return 'it is no object';
  const wrong = fieldChecks.find(({ field, holds }) => !holds(command[field]));
  return wrong === undefined ? undefined : `${wrong.field} must be ${wrong.must}`;
}

async function readText(file: string): Promise<Script> {
  const { document, files } = await convertScript(file, readInputFile(file));
  const { commands } = JSON.parse(document) as { commands: ScriptCommand[] };
  const names = [...new Set(commands.flatMap(({ filename }) => filename ?? []))];
  const modules = new Map(names.map((name, index) => [name, files[index]!]));
  return { source: sourceName(file), commands, module: (filename) => ({ file: `${file}: ${filename}`, bytes: modules.get(filename)! }) };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(
      `this is no JSON: ${(error as Error).message}`,
      { file, hint: 'a script is .wast text, or what wast2json makes of it' },
      { cause: error },
    );
  }
}
