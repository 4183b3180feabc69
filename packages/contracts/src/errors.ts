/**
 * The error families. Facts are fields; the message is composed here, in one place.
 * The command line maps a family to an exit status and prints `message` alone;
 * stacks appear only with `--verbose`.
 */
export type ExitStatus = 1 | 2 | 65 | 69 | 70;

/** The root of all errors that are meant for users: the message is a whole sentence, the status is the command's. */
export abstract class FireballError extends Error {
  abstract readonly exitStatus: ExitStatus;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Where in an input an error is, and what helps. */
export interface InputFacts {
  /** File that the input came from. */
  readonly file?: string | undefined;
  /** Byte offset from the start of the file. */
  readonly offset?: number | undefined;
  /** 1-based line, for text inputs. */
  readonly line?: number | undefined;
  /** Section or part of the format being read. */
  readonly section?: string | undefined;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
}

function describe(problem: string, facts: InputFacts): string {
  const where = [
    facts.file,
    facts.line === undefined ? undefined : `line ${facts.line}`,
    facts.offset === undefined ? undefined : `offset 0x${facts.offset.toString(16)}`,
    facts.section === undefined ? undefined : `${facts.section} section`,
  ].filter((part) => part !== undefined);
  const place = where.length === 0 ? '' : `${where.join(', ')}: `;
  return `${place}${problem}${facts.hint === undefined ? '' : ` (${facts.hint})`}`;
}

/** The input is wrong: malformed or invalid wasm, a broken image or board file. Exit status 65. */
export class InvalidInputError extends FireballError {
  readonly exitStatus = 65;
  constructor(
    readonly problem: string,
    readonly facts: InputFacts = {},
    options?: ErrorOptions,
  ) {
    super(describe(problem, facts), options);
  }
  /** The same error, with the file it came from. */
  inFile(file: string): InvalidInputError {
    return new InvalidInputError(this.problem, { ...this.facts, file }, { cause: this });
  }
}

/** The input is right but uses something that Fireball does not do; `feature` names it. Exit status 65. */
export class UnsupportedError extends FireballError {
  readonly exitStatus = 65;
  constructor(
    readonly feature: string,
    readonly facts: InputFacts = {},
    options?: ErrorOptions,
  ) {
    super(describe(`not supported: ${feature}`, facts), options);
  }
  inFile(file: string): UnsupportedError {
    return new UnsupportedError(this.feature, { ...this.facts, file }, { cause: this });
  }
}

/** What the input needs has no room in the memories that there are. Exit status 65. */
export class NoRoomError extends UnsupportedError {}

/** The command line was used wrongly. Exit status 2. */
export class UsageError extends FireballError {
  readonly exitStatus = 2;
}

/** A setting is wrong; `setting` is its name, and that of the command line's option. Exit status 2. */
export class SettingError extends UsageError {
  constructor(
    readonly setting: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}

/** A part of the system is missing (a library, a tool); `remedy` is the command to type. Exit status 69. */
export class MissingPartError extends FireballError {
  readonly exitStatus = 69;
  constructor(
    readonly part: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${part} is missing: ${remedy}`, options);
  }
}

/** The computer does not do what is asked of it: a full disk, no permission to write, no memory left. Exit status 69. */
export class SystemError extends FireballError {
  readonly exitStatus = 69;
}

/** A broken invariant of ours. Exit status 70. */
export class InternalError extends FireballError {
  readonly exitStatus = 70;
}
