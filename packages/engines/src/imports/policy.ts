import { existsSync } from 'node:fs';
import { InvalidInputError, readInputText, unknownName, UsageError } from '@fireball/contracts';
import type { LoadedModule } from '../inputs/module.js';
import type { FolderMapping } from '../wasi/folders.js';

/** A value as a file has it: a number, or text as on the command line (`0x..`, `nan`, `bits:0x..`); null is the null reference. */
export type Word = number | string | null;

/** One answer of a function: its result, a list of its results, or `trap`, which ends the call. */
export type FunctionAnswer = Word | readonly Word[];

/** How functions answer that nobody has named. */
export const answerKinds = ['seeded', 'zero', 'trap'] as const;
/** What functions of the host answer where nothing else is said of them. */
export type AnswerKind = (typeof answerKinds)[number];

/**
 * What stands in for imports that are neither WASI nor our own: plain data, so that every engine can make its own stand-ins,
 * wherever it runs.
 */
export interface ImportPolicy {
  readonly others: AnswerKind;
  /** Of the answers, and of WASI's random numbers. */
  readonly seed: number;
  /** The file that says more, for errors. */
  readonly file?: string;
  /** By `module.name`: of a function the answers to successive calls, the last one for all that follow; of a global its value. */
  readonly named?: Readonly<Record<string, Word | readonly FunctionAnswer[]>>;
  /** What WASI functions find; nothing where absent. */
  readonly world?: {
    /** `NAME=VALUE`. */
    readonly environ: readonly string[];
    /** Each engine changes them for itself only. */
    readonly folders: readonly FolderMapping[];
  };
}

/** What `--imports` says: how functions answer, or the file that says so. */
export function importPolicy(choice: string, seed: number): ImportPolicy {
  const kind = answerKinds.find((known) => known === choice);
  if (kind !== undefined) return { others: kind, seed };
  if (!existsSync(choice)) throw new UsageError(`--imports wants ${answerKinds.join(', ')} or a file; there is no file '${choice}'`);
  return { ...readAnswers(choice), seed, file: choice };
}

/**
 * Refuses answers for what the module does not import.
 * @throws InvalidInputError
 */
export function checkNamedImports({ file, module }: LoadedModule, { file: source, named = {} }: ImportPolicy): void {
  const names = module.imports.map((entry) => `${entry.module}.${entry.name}`);
  const unknown = Object.keys(named).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidInputError(`${unknownName('import', unknown, names).message} of ${file}`, { file: source });
}

function readAnswers(file: string): Pick<ImportPolicy, 'others' | 'named'> {
  const document = parse(file);
  if (!isObject(document)) throw wrong(file, 'it must be an object with "others" and "answers"');
  for (const key of Object.keys(document)) {
    if (key !== 'others' && key !== 'answers') throw wrong(file, `unknown field "${key}"; there are "others" and "answers"`);
  }
  const { others = 'seeded', answers = {} } = document;
  const kind = answerKinds.find((known) => known === others);
  if (kind === undefined) throw wrong(file, `"others" must be one of ${answerKinds.join(', ')}`);
  if (!isObject(answers)) throw wrong(file, '"answers" must be an object, with "module.name" of imports as its keys');
  for (const [name, given] of Object.entries(answers)) checkAnswers(file, name, given);
  return { others: kind, named: answers as Record<string, Word | readonly FunctionAnswer[]> };
}

function parse(file: string): unknown {
  const text = readInputText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(file, `no JSON: ${(error as Error).message}`);
  }
}

function checkAnswers(file: string, name: string, given: unknown): void {
  if (isWord(given)) return;
  if (!Array.isArray(given) || given.length === 0) {
    throw wrong(file, `"${name}" must be a list of answers, one for each call, or a global's value`);
  }
  const wrongAt = given.findIndex((answer) => !isWord(answer) && !(Array.isArray(answer) && answer.every(isWord)));
  if (wrongAt >= 0) throw wrong(file, `answer ${wrongAt} of "${name}" must be a number, text, null, or a list of them`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is Word {
  return typeof value === 'number' || typeof value === 'string' || value === null;
}

function wrong(file: string, problem: string): InvalidInputError {
  return new InvalidInputError(problem, { file });
}
