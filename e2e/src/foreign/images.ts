import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A firmware file inside of a package that somebody else publishes. */
export interface PackagedImage {
  /** Of Debian by name, of npm by name and exact version. */
  readonly package: { readonly debian: string } | { readonly npm: string };
  /** Its file there: from the root of a Debian package, from `package/` of npm's. */
  readonly path: string;
  /** The file's entry, where it is a ZIP archive. */
  readonly entry?: string;
  /** Of an image of npm, whose packages have versions. */
  readonly sha256?: string;
  /** Where a raw one begins. */
  readonly base?: number;
}

const cache = fileURLToPath(new URL('../../../.fireball/images/', import.meta.url));
const minutes = 60_000;

/** The bytes of an image: of an installed package, or fetched before. Undefined: it is not here. */
export function readPackaged(image: PackagedImage): Uint8Array | undefined {
  const places = ['debian' in image.package ? image.path : '', placeOf(image)];
  const place = places.find((file) => file !== '' && existsSync(file));
  if (place === undefined) return undefined;
  const bytes = new Uint8Array(readFileSync(place));
  if (image.sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== image.sha256)
    throw new Error(`${image.path} is another one than ${image.sha256}`);
  return bytes;
}

function placeOf({ package: of, path, entry = '' }: PackagedImage): string {
  const name = 'debian' in of ? of.debian : of.npm;
  return join(cache, createHash('sha256').update(`${name} ${path} ${entry}`).digest('hex'));
}

/** Fetches those that are not here, by apt-get and npm; says why it could not. */
export function fetchImages(wanted: readonly PackagedImage[]): string | null {
  if (process.env['FIREBALL_NO_INSTALL'] === '1') return 'FIREBALL_NO_INSTALL forbids downloads';
  mkdirSync(cache, { recursive: true });
  for (const image of wanted) {
    if (readPackaged(image) !== undefined) continue;
    const folder = mkdtempSync(join(tmpdir(), 'fireball-images-'));
    try {
      const problem = 'debian' in image.package ? fetchDebian(folder, image.package.debian) : fetchNpm(folder, image.package.npm);
      if (problem !== null) return problem;
      const file = join(folder, 'debian' in image.package ? 'files' : 'package', image.path);
      if (image.entry !== undefined) run(folder, 'python3', ['-m', 'zipfile', '-e', file, folder]);
      writeFileSync(placeOf(image), readFileSync(image.entry === undefined ? file : join(folder, image.entry)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return null;
}

function run(folder: string, program: string, args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 2 * minutes });
  return status === 0 ? null : `${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`;
}

function fetchDebian(folder: string, name: string): string | null {
  return run(folder, 'apt-get', ['download', '-qq', name]) ?? run(folder, 'sh', ['-c', 'dpkg -x ./*.deb files']);
}

function fetchNpm(folder: string, name: string): string | null {
  return run(folder, 'npm', ['pack', '--loglevel=error', '--pack-destination', folder, name]) ?? run(folder, 'sh', ['-c', 'tar xzf ./*.tgz']);
}
