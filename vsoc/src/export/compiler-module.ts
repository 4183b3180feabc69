import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';

/** The compiler's module with a memory of so many pages of 64 KiB, and never more: that spares two fifths of the instructions. */
export function compilerModule(bytes: Uint8Array, pages: number): ValidatedModule {
  const module = decodeModule(bytes);
  return validateModule({ ...module, memories: module.memories.map((memory) => ({ ...memory, limits: { min: pages, max: pages } })) });
}
