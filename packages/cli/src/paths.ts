import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MissingPartError } from '@fireball/contracts';

/** The repository's root, seen from src/ and from dist/ alike; of an installed package, some folder above it. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The built command line of the repository, for what starts it as a user does. */
export const builtCommandLine = join(repositoryRoot, 'packages', 'cli', 'dist', 'bundle', 'main.js');

/** @throws MissingPartError where this is an installed package: `bench` and `test` are about the repository's own pages and tests */
export function requireCheckout(command: string): void {
  if (existsSync(join(repositoryRoot, 'pnpm-workspace.yaml'))) return;
  throw new MissingPartError(`the repository, which '${command}' is about,`, `git clone it, and ./fireball ${command} there`);
}
