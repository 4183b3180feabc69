import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PublishedModule } from './published.js';

/** Modules that were fetched before, by their SHA-256. */
const cache = fileURLToPath(new URL('../../../.fireball/modules/', import.meta.url));
const minutes = 60_000;

/** What there is of the wanted modules, and why something is missing, if it is. */
interface Fetched {
  readonly modules: ReadonlyMap<PublishedModule, Uint8Array>;
  /** Null where everything is there. */
  readonly missing: string | null;
}

/**
 * Gets modules from the cache, and those that are not there by `npm pack`. Without a network, or where nothing may be installed,
 * some are missing.
 * @throws Error where a package does not exist or does not hold what it should
 */
export function fetchModules(wanted: readonly PublishedModule[]): Fetched {
  const absent = wanted.filter((entry) => !existsSync(placeOf(entry)));
  const missing = absent.length === 0 ? null : download(absent);
  const present = wanted.filter((entry) => existsSync(placeOf(entry)));
  return { modules: new Map(present.map((entry) => [entry, new Uint8Array(readFileSync(placeOf(entry)))])), missing };
}

function placeOf({ sha256 }: PublishedModule): string {
  return join(cache, `${sha256}.wasm`);
}

/** Fills the cache; says why it could not. */
function download(wanted: readonly PublishedModule[]): string | null {
  if (process.env['FIREBALL_NO_INSTALL'] === '1') return 'FIREBALL_NO_INSTALL forbids downloads';
  const folder = mkdtempSync(join(tmpdir(), 'fireball-modules-'));
  try {
    for (const name of new Set(wanted.map((entry) => entry.package))) {
      const problem = pack(folder, name);
      if (problem !== null) return problem;
      const archive = join(folder, 'package.tgz');
      for (const entry of wanted) if (entry.package === name) keep(entry, archive);
    }
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Downloads a package as `package.tgz`; says why npm could not be reached. */
function pack(folder: string, name: string): string | null {
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    ['pack', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--pack-destination', folder, name],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: 2 * minutes,
    },
  );
  if (status === 0) {
    const file = stdout.trim().split('\n').at(-1) ?? '';
    writeFileSync(join(folder, 'package.tgz'), readFileSync(join(folder, file)));
    return null;
  }
  const said = `${error?.message ?? ''}${stderr}`.trim();
  if (/\b(E404|ETARGET|E400)\b/.test(said)) throw new Error(`${name}: ${said}`);
  return `npm cannot fetch ${name}: ${said.split('\n')[0] || 'it did not answer in time'}`;
}

/** Puts a module of the archive into the cache. */
function keep(entry: PublishedModule, archive: string): void {
  const { status, stdout, stderr } = spawnSync('tar', ['-xzOf', archive, `package/${entry.path}`], { maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${entry.package}: ${entry.path}: ${stderr.toString().trim()}`);
  const bytes = entry.path.endsWith('.wasm') ? stdout : embedded(stdout.toString('latin1'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.sha256) throw new Error(`${entry.package}: ${entry.path} is another module: its SHA-256 is ${sha256}`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(placeOf(entry), bytes);
}

/** The first module in base64: `\0asm`, version 1. */
function embedded(text: string): Uint8Array {
  return Buffer.from(/AGFzbQEAAAA[A-Za-z0-9+/]*/.exec(text)?.[0] ?? '', 'base64');
}
