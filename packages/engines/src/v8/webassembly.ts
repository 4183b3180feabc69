import { setFlagsFromString } from 'node:v8';

/**
 * The part of the JavaScript API of WebAssembly that is used here, typed. TypeScript declares it only together with
 * the whole DOM, which Node does not have.
 */
export interface WasmCompiledModule {
  readonly [Symbol.toStringTag]?: 'WebAssembly.Module';
}
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
export interface WasmGlobal {
  readonly value: unknown;
}
type ErrorClass = new (message: string) => Error;

/** A memory's or table's limits in pages or elements; no `maximum`: none declared. */
interface SizeDescriptor {
  readonly initial: number;
  readonly maximum?: number;
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmCompiledModule>;
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => WasmCompiledModule;
  readonly Instance: new (module: WasmCompiledModule, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => WasmInstance;
  readonly Memory: new (descriptor: SizeDescriptor) => WasmMemory;
  readonly Table: new (descriptor: SizeDescriptor & { readonly element: 'anyfunc' | 'externref' }, initial?: null) => object;
  readonly Global: new (
    descriptor: { readonly value: 'i32' | 'i64' | 'f32' | 'f64' | 'anyfunc' | 'externref'; readonly mutable: boolean },
    value: unknown,
  ) => WasmGlobal;
  readonly CompileError: ErrorClass;
  readonly LinkError: ErrorClass;
  readonly RuntimeError: ErrorClass;
}

/** V8's own, typed as far as it is used. */
export const WebAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** Node 20 has extended constants behind a flag (hazard 20). */
export function enableExtendedConstants(): void {
  setFlagsFromString('--experimental-wasm-extended-const');
}
