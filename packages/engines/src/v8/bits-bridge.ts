import { valueTypeEncodings, type FunctionType, type GlobalType, type ValueType } from '@fireball/wasm';
import { exportKinds, functionType, globalType, name, preamble, section, u32, vector } from './encode.js';

// A small wasm module through which floats cross the JavaScript border as integers. A float that becomes a JavaScript
// number loses the signalling bit of a NaN (hazard 10); calls from wasm to wasm keep every bit.

const opcodes = {
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  call: 0x10,
  end: 0x0b,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
} as const;

export const hasFloat = (types: readonly ValueType[]): boolean => types.some((type) => type === 'f32' || type === 'f64');

/** The type with its floats as integers of their width. */
function bitsType(type: ValueType): ValueType {
  if (type === 'f32') return 'i32';
  return type === 'f64' ? 'i64' : type;
}

function toFloat(type: ValueType): number[] {
  if (type === 'f32') return [opcodes.f32ReinterpretI32];
  return type === 'f64' ? [opcodes.f64ReinterpretI64] : [];
}
function toBits(type: ValueType): number[] {
  if (type === 'f32') return [opcodes.i32ReinterpretF32];
  return type === 'f64' ? [opcodes.i64ReinterpretF64] : [];
}

/**
 * The module: imports function `f.N` and global `g.N` (N = position in its list), exports `fN`, which calls it with bits,
 * and `gN`, which reads the global's bits.
 */
export function buildBridge(functions: readonly FunctionType[], globals: readonly GlobalType[]): Uint8Array<ArrayBuffer> {
  const outerTypes = functions.map((type) => ({ params: type.params.map(bitsType), results: type.results.map(bitsType) }));
  const readerTypes = globals.map(({ type }) => ({ params: [], results: [bitsType(type)] }));
  const types = [...functions, ...outerTypes, ...readerTypes];
  const imports = [
    ...functions.map((_, index) => [...name('f'), ...name(String(index)), exportKinds.function, ...u32(index)]),
    ...globals.map((type, index) => [...name('g'), ...name(String(index)), exportKinds.global, ...globalType(type)]),
  ];
  const defined = [...outerTypes, ...readerTypes].map((_, index) => u32(functions.length + index));
  const exports = [
    ...functions.map((_, index) => [...name(`f${index}`), exportKinds.function, ...u32(functions.length + index)]),
    ...globals.map((_, index) => [...name(`g${index}`), exportKinds.function, ...u32(2 * functions.length + index)]),
  ];
  const bodies = [...functions.map(callBody), ...globals.map(({ type }, index) => body([], [opcodes.globalGet, ...u32(index), ...toBits(type)]))];
  return Uint8Array.from([
    ...preamble,
    ...section(1, vector(types.map(functionType))),
    ...section(2, vector(imports)),
    ...section(3, vector(defined)),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
  ]);
}

/**
 * A function of JavaScript as one of wasm with the given type: the module imports `h.f`, which takes and returns bits, and
 * exports `f`. V8 checks the types of wasm functions where they are imported, but takes any function of JavaScript.
 */
export function buildHostFunction(type: FunctionType): Uint8Array<ArrayBuffer> {
  const outerType = { params: type.params.map(bitsType), results: type.results.map(bitsType) };
  return Uint8Array.from([
    ...preamble,
    ...section(1, vector([functionType(outerType), functionType(type)])),
    ...section(2, vector([[...name('h'), ...name('f'), exportKinds.function, 0]])),
    ...section(3, vector([[1]])),
    ...section(7, vector([[...name('f'), exportKinds.function, 1]])),
    ...section(10, vector([convertingCall(type, 0, outerType.results, toBits, toFloat)])),
  ]);
}

const callBody = (type: FunctionType, index: number): number[] => convertingCall(type, index, type.results, toFloat, toBits);

type Conversion = (type: ValueType) => number[];

/** Arguments converted, the call, results of types `inner` into locals (the last is on top), results converted. */
function convertingCall(type: FunctionType, index: number, inner: readonly ValueType[], before: Conversion, after: Conversion): number[] {
  const local = (result: number): number[] => u32(type.params.length + result);
  const indices = type.results.map((_, result) => result);
  return body(inner, [
    ...type.params.flatMap((param, position) => [opcodes.localGet, ...u32(position), ...before(param)]),
    opcodes.call,
    ...u32(index),
    ...[...indices].reverse().flatMap((result) => [opcodes.localSet, ...local(result)]),
    ...indices.flatMap((result) => [opcodes.localGet, ...local(result), ...after(type.results[result]!)]),
  ]);
}

function body(locals: readonly ValueType[], code: readonly number[]): number[] {
  const runs = locals.map((type) => [1, valueTypeEncodings[type]]);
  const content = [...vector(runs), ...code, opcodes.end];
  return [...u32(content.length), ...content];
}
