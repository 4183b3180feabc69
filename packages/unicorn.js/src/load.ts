import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MissingPartError } from '@fireball/contracts';
import type { NativeAddon } from './native.js';

/** From `src/` (tests) and from `dist/` alike, the addon is one folder up. */
const addonPath = fileURLToPath(new URL('../build/unicorn.node', import.meta.url));
const remedy = 'apt-get install -y libunicorn-dev && pnpm --filter @fireball/unicorn.js run install';

/**
 * Loads the addon at `path`.
 * @throws MissingPartError where the addon was not built or its library is not installed.
 */
export function loadAddon(path: string = addonPath): NativeAddon {
  if (!existsSync(path)) throw new MissingPartError('libunicorn', remedy);
  try {
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (error) {
    throw new MissingPartError('libunicorn', remedy, { cause: error });
  }
}
