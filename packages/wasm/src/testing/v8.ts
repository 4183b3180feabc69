/** The part of the engine inside Node that the tests compare with; its types come with no library that we load. */
interface WebAssemblyGlobal {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** V8's WebAssembly: an independent oracle. */
export const v8 = (globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }).WebAssembly;
