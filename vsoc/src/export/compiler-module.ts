import type { BoundsChecks } from '@fireball/jit';
import { decodeModule, validateModule, validationModule, type MemoryType, type ValidatedModule } from '@fireball/wasm';

/** The compiler's module with a memory of so many pages of 64 KiB, and never more: that spares two fifths of the instructions. */
export function compilerModule(bytes: Uint8Array, pages: number): ValidatedModule {
  const module = decodeModule(bytes);
  return validateModule({ ...module, memories: module.memories.map((memory) => ({ ...memory, limits: { min: pages, max: pages } })) });
}

/** The core of validation as a module that imports that memory: it works where the compiler does, before the compiler. */
export function bodiesModule(type: MemoryType): ValidatedModule {
  const module = validationModule();
  return validateModule({
    ...module,
    imports: [{ module: '', name: 'memory', description: { kind: 'memory', type }, offset: 0 }],
    imported: { ...module.imported, memory: 1 },
    memories: [type],
  });
}

/** Of the compiler's own accesses: all are checked, or none. */
export type CoreBoundsChecks = Exclude<BoundsChecks, 'wide'>;

/** How its code is made then: its heap ends early enough for wide checks. */
export function checksOf(boundsChecks: CoreBoundsChecks): BoundsChecks {
  return boundsChecks === 'all' ? 'wide' : boundsChecks;
}
