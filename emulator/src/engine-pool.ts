import { loadUnicorn } from '@fireball/unicorn.js';
import type { Core } from './cores.js';
import { KeptEngine } from './kept-engine.js';

/** Engines that no CPU has, by their core. */
export class EnginePool {
  readonly #idle = new Map<Core, KeptEngine[]>();

  /** An engine in its reset state, to be given back with `give`: of those that are idle the one that is so for longest, so that systems that are made in the same order have the same ones. */
  take(core: Core): KeptEngine {
    return this.#idle.get(core)?.shift() ?? openKept(core);
  }

  give(core: Core, kept: KeptEngine): void {
    if (!kept.release()) {
      kept.engine.close();
      return;
    }
    const idle = this.#idle.get(core) ?? [];
    this.#idle.set(core, idle);
    idle.push(kept);
  }

  /** Closes those that no CPU has. */
  close(): void {
    for (const { engine } of [...this.#idle.values()].flat()) engine.close();
    this.#idle.clear();
  }
}

function openKept(core: Core): KeptEngine {
  const uc = loadUnicorn();
  const engine = core.open(uc);
  engine.fast_stores();
  return new KeptEngine(engine, uc, core.isa === 'rv32' ? uc.RISCV_REG_FCSR : undefined);
}
