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

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmCompiledModule>;
  readonly Module: new (bytes: Uint8Array) => WasmCompiledModule;
  readonly Instance: new (module: WasmCompiledModule, imports: Readonly<Record<string, object>>) => WasmInstance;
  readonly CompileError: ErrorClass;
  readonly RuntimeError: ErrorClass;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
