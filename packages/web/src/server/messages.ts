import { UsageError, unknownName } from '@fireball/contracts';

/** What a page asks for. */
export type Request =
  | { readonly do: 'hello' | 'pause' | 'functions' | 'codeMemory' | 'meters' | 'pins' | 'divergence' | 'source' }
  /** All devices, and the registers of the one that is named. */
  | { readonly do: 'devices'; readonly name: string }
  /** Of C or Rust: those with these paths are open. */
  | { readonly do: 'variables'; readonly open: readonly string[] }
  /** A line of the shell. */
  | { readonly do: 'command' | 'complete'; readonly line: string }
  | { readonly do: 'goto'; readonly count: number; readonly order: number }
  /** Whose code and values are shown, innermost first. */
  | { readonly do: 'frame'; readonly number: number }
  | { readonly do: 'rows'; readonly function: number; readonly from: number; readonly count: number }
  /** How long a function is, and what is marked in it. */
  | { readonly do: 'function'; readonly function: number }
  | { readonly do: 'memory'; readonly address: string; readonly size: number };

/** A request with the number that its answer has. */
interface Numbered {
  readonly id: number;
  readonly request: Request;
}

type Fields = Readonly<Record<string, unknown>>;

const mostText = 4096;
/** Rows of one answer, more than any screen has. */
const mostRows = 1000;
const mostBytes = 65_536;
/** Texts of one list. */
const mostTexts = 500;

const readers: { readonly [Kind in Request['do']]: (fields: Fields) => Extract<Request, { readonly do: Kind }> | Request } = {
  hello: () => ({ do: 'hello' }),
  pause: () => ({ do: 'pause' }),
  functions: () => ({ do: 'functions' }),
  codeMemory: () => ({ do: 'codeMemory' }),
  meters: () => ({ do: 'meters' }),
  pins: () => ({ do: 'pins' }),
  source: () => ({ do: 'source' }),
  divergence: () => ({ do: 'divergence' }),
  devices: (fields) => ({ do: 'devices', name: text(fields, 'name') }),
  variables: (fields) => ({ do: 'variables', open: texts(fields, 'open') }),
  frame: (fields) => ({ do: 'frame', number: whole(fields, 'number', 1000) }),
  command: (fields) => ({ do: 'command', line: text(fields, 'line') }),
  complete: (fields) => ({ do: 'complete', line: text(fields, 'line') }),
  goto: (fields) => ({ do: 'goto', count: whole(fields, 'count', Number.MAX_SAFE_INTEGER), order: whole(fields, 'order', 1_000_000) }),
  rows: (fields) => ({
    do: 'rows',
    function: whole(fields, 'function', 0xffff_ffff),
    from: whole(fields, 'from', 0xffff_ffff),
    count: whole(fields, 'count', mostRows),
  }),
  function: (fields) => ({ do: 'function', function: whole(fields, 'function', 0xffff_ffff) }),
  memory: (fields) => ({ do: 'memory', address: text(fields, 'address'), size: whole(fields, 'size', mostBytes) }),
};

/** The number of a message's answer, where it has one that can be read. */
export function idOf(message: unknown): number | null {
  const id = isFields(message) ? message['id'] : undefined;
  return Number.isSafeInteger(id) ? (id as number) : null;
}

/** @throws UsageError for anything that is no request, with what is wrong */
export function readRequest(message: unknown): Numbered {
  const id = idOf(message);
  if (!isFields(message) || id === null) throw new UsageError('a message is an object with a whole number id');
  const kind = text(message, 'do');
  if (!Object.hasOwn(readers, kind)) throw unknownName('request', kind, Object.keys(readers));
  return { id, request: readers[kind as Request['do']](message) };
}

/** @throws UsageError for what is no JSON */
export function parseMessage(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new UsageError('a message is JSON', { cause: error });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length > mostText) throw new UsageError(`'${name}' is a string of at most ${mostText} characters`);
  return value;
}

function texts(fields: Fields, name: string): readonly string[] {
  const values: unknown = fields[name];
  if (!Array.isArray(values) || values.length > mostTexts || !values.every((value) => typeof value === 'string' && value.length <= mostText))
    throw new UsageError(`'${name}' is a list of at most ${mostTexts} strings of at most ${mostText} characters`);
  return values as readonly string[];
}

function whole(fields: Fields, name: string, most: number): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) throw new UsageError(`'${name}' is a whole number up to ${most}`);
  return value;
}
