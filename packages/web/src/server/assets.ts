import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const client = fileURLToPath(new URL('../../client', import.meta.url));

/** Of packages, as they are published: there is no build step. */
function libraries(): [string, string][] {
  const { resolve } = createRequire(import.meta.url);
  const charts = dirname(resolve('uplot'));
  return [
    ['lib/preact.js', join(dirname(resolve('htm')), '../preact/standalone.module.js')],
    ['lib/uplot.js', join(charts, 'uPlot.iife.min.js')],
    ['lib/uplot.css', join(charts, 'uPlot.min.css')],
  ];
}

/** Everything that the page consists of, by its path below the token. Nothing else can be asked for, whatever a path looks like. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const files: [string, string][] = readdirSync(client).map((name) => [name === 'index.html' ? '' : name, join(client, name)]);
  return new Map(
    [...files, ...libraries()].map(([path, file]) => [path, { type: types[extname(file)] ?? 'application/octet-stream', bytes: readFileSync(file) }]),
  );
}
