/** What every core's exports have. */
export interface CoreExports {
  readonly memory: { readonly buffer: ArrayBufferLike };
}

/** The part of the JavaScript API that is used here; its types come with no library that we load. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** An instance whose memory has grown beyond that is not kept. */
const mostKept = 0x100_0000;

/** A core as WebAssembly. */
export class CoreProgram<Core extends CoreExports> {
  private compiled: object | undefined;

  /** @param binary in base64 */
  constructor(private readonly binary: string) {}

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.from(this.binary, 'base64'));
  }

  /** Compiles it when the first instance is wanted. */
  instantiate(): Core {
    this.compiled ??= new Module(this.bytes);
    return new Instance(this.compiled).exports as Core;
  }
}

/** Has it so much memory that it should be let go of? */
export function isLargeCore({ memory }: CoreExports): boolean {
  return memory.buffer.byteLength > mostKept;
}
