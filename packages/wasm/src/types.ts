import type { ByteOffset } from '@fireball/contracts';

/** Types of wasm values, by their names in the text format. */
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64';
/** Types of references (core spec 2.3.3). */
export type ReferenceType = 'funcref' | 'externref';
/** Types of values without vectors (core spec 2.3.4). */
export type ValueType = NumberType | ReferenceType;

/** Binary encodings of the value types (core spec 5.3). */
export const valueTypeEncodings = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  funcref: 0x70,
  externref: 0x6f,
} as const satisfies Record<ValueType, number>;

const typeOfEncoding: ReadonlyMap<number, ValueType> = new Map(
  (Object.keys(valueTypeEncodings) as ValueType[]).map((type) => [valueTypeEncodings[type], type]),
);

/** The value type encoded by `byte`, or undefined. */
export function valueTypeOf(byte: number): ValueType | undefined {
  return typeOfEncoding.get(byte);
}

/** Is a value of this type a reference? */
export function isReference(type: ValueType): type is ReferenceType {
  return type === 'funcref' || type === 'externref';
}

/** Parameters and results of a function (core spec 2.3.6). */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Structural equality: wasm function types have no identity of their own. */
export function sameFunctionType(a: FunctionType, b: FunctionType): boolean {
  return a === b || (sameTypes(a.params, b.params) && sameTypes(a.results, b.results));
}

function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

/** Text form, e.g. `[i32 i64] -> [f32]`. */
export function formatFunctionType(type: FunctionType): string {
  return `[${type.params.join(' ')}] -> [${type.results.join(' ')}]`;
}

/** Sizes in elements (tables) or pages (memories); `max` undefined = no limit declared. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}

/** Core spec 2.3.9; limits in elements. */
export interface TableType {
  readonly element: ReferenceType;
  readonly limits: Limits;
}

/** Core spec 2.3.8; limits in pages. */
export interface MemoryType {
  readonly limits: Limits;
  /** Bytes of one page: 65536, or 1 (custom page sizes). */
  readonly pageSize: number;
}

/** Core spec 2.3.10. */
export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** A half-open range of module bytes, offsets from the start of the file. */
export interface ByteRange {
  readonly start: ByteOffset;
  readonly end: ByteOffset;
}

/** Bytes of one page of memory unless the module chooses another (custom page sizes proposal). */
export const wasmPageSize = 65536;
