import { seededBytes, type WasiHost } from '@fireball/wasm';

/** What a program's world consists of, besides time, which is virtual. */
export interface HostSettings extends Partial<Omit<WasiHost, 'random' | 'args'>> {
  readonly args: readonly string[];
  /** Of random numbers. */
  readonly seed: number;
}

/**
 * A program's world: only what is given here. Nothing of this computer is in it, its clocks included, so a program does the same each
 * time, on every engine. One host is for one instance: volumes and random numbers go on where a program has left them.
 */
export function createHost({ args, seed, ...given }: HostSettings): WasiHost {
  return {
    args,
    environ: [],
    folders: [],
    stdin: () => 0,
    stdout: () => undefined,
    stderr: () => undefined,
    missing: () => undefined,
    ...given,
    random: seededBytes(seed),
  };
}
