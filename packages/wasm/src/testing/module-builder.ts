import { opcodeByName, type OpName } from '../opcodes.js';
import { valueTypeEncodings, type ValueType } from '../types.js';

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
export function sleb(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const byte = Number(BigInt.asUintN(7, rest));
    rest >>= 7n;
    const done = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

/** Instruction bytes: an opcode by name, its immediates as they are encoded. */
export function op(name: OpName, ...immediates: number[]): number[] {
  const { code } = opcodeByName(name);
  return [...(code < 0x100 ? [code] : [code >> 8, code & 0xff]), ...immediates];
}

const text = (name: string): number[] => {
  const bytes = [...new TextEncoder().encode(name)];
  return [...leb(bytes.length), ...bytes];
};
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const types = (list: readonly ValueType[]): number[] => vector(list.map((type) => [valueTypeEncodings[type]]));

export interface FunctionSource {
  readonly params?: readonly ValueType[];
  readonly results?: readonly ValueType[];
  readonly locals?: readonly ValueType[];
  /** Without the closing `end`. */
  readonly body: readonly number[];
  readonly export?: string;
}

export interface ModuleSource {
  /** Types 0.. ahead of those of the functions, for blocks and indirect calls. */
  readonly types?: readonly { params: readonly ValueType[]; results: readonly ValueType[] }[];
  /** Raw entries: module, name, description bytes. */
  readonly imports?: readonly (readonly [string, string, readonly number[]])[];
  readonly functions?: readonly FunctionSource[];
  /** Raw table, memory and global entries. */
  readonly tables?: readonly (readonly number[])[];
  readonly memories?: readonly (readonly number[])[];
  readonly globals?: readonly (readonly number[])[];
  /** Raw entries: name, kind and index bytes. */
  readonly exports?: readonly (readonly [string, readonly number[]])[];
  readonly start?: number;
  readonly elements?: readonly (readonly number[])[];
  readonly data?: readonly (readonly number[])[];
  readonly dataCount?: number;
  readonly custom?: readonly (readonly [string, readonly number[]])[];
}

/** A section with its size. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

export const header: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Assembles a module; only sections that are asked for appear. */
export function buildModule(source: ModuleSource): Uint8Array {
  const { functions = [] } = source;
  const given = source.types ?? [];
  const importedFunctions = (source.imports ?? []).filter(([, , entry]) => entry[0] === 0).length;
  const bytes = [...header];
  const put = (id: number, items: readonly (readonly number[])[] | undefined) => {
    if (items !== undefined && items.length > 0) bytes.push(...section(id, vector(items)));
  };
  put(1, [
    ...given.map(({ params, results }) => [0x60, ...types(params), ...types(results)]),
    ...functions.map(({ params = [], results = [] }) => [0x60, ...types(params), ...types(results)]),
  ]);
  put(
    2,
    source.imports?.map(([module, name, entry]) => [...text(module), ...text(name), ...entry]),
  );
  put(
    3,
    functions.map((_, index) => leb(given.length + index)),
  );
  put(4, source.tables);
  put(5, source.memories);
  put(6, source.globals);
  put(7, [
    ...functions.flatMap((entry, index) => (entry.export === undefined ? [] : [[...text(entry.export), 0, ...leb(importedFunctions + index)]])),
    ...(source.exports ?? []).map(([name, entry]) => [...text(name), ...entry]),
  ]);
  if (source.start !== undefined) bytes.push(...section(8, leb(source.start)));
  put(9, source.elements);
  if (source.dataCount !== undefined) bytes.push(...section(12, leb(source.dataCount)));
  put(
    10,
    functions.map(({ locals = [], body }) => {
      const code = [...vector(locals.map((type) => [1, valueTypeEncodings[type]])), ...body, 0x0b];
      return [...leb(code.length), ...code];
    }),
  );
  put(11, source.data);
  for (const [name, content] of source.custom ?? []) bytes.push(...section(0, [...text(name), ...content]));
  return Uint8Array.from(bytes);
}
