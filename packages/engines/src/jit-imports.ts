import { JitControl, jitBuiltin, jitModule } from '@fireball/vsoc';
import type { HostCall } from './imports/host-calls.js';
import type { HostExterns, ImportResolver } from './linker.js';

const nothingCompiles = new JitControl(undefined);

/** Whether every engine resolves this import by itself. */
export function isJitImport(from: string, name: string): boolean {
  return from === jitModule && jitBuiltin(nothingCompiles, name, () => undefined) !== undefined;
}

/** Also resolves `builtin_jit_*`, for engines that compile nothing in the background: every call answers that it is unavailable. */
export function withJitImports(resolve: ImportResolver, hostFunction: HostExterns['function']): ImportResolver {
  return (from, name) => {
    const given = resolve(from, name);
    if (given !== undefined || from !== jitModule) return given;
    const builtin = jitBuiltin(nothingCompiles, name, () => undefined);
    return builtin && hostFunction(builtin.type, builtin.call as HostCall);
  };
}
