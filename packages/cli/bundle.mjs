// Bundles the built command line, dist/bundle/main.js, with whatever it loads: a process that opens four hundred files spends most of a short command on that.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const root = join(folder, '../..');
const output = join(folder, 'dist/bundle');

/** CommonJS packages that look for no file of their own, and so can be moved into the bundle. */
const movable = new Set(['commander', 'yaml']);

/** What every file of the bundle begins with: where our packages are, and `require` for what was CommonJS. */
const banner = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);
const placeIn = (owner, path) => owner === 'cli' ? new URL('../' + path, import.meta.url).href : new URL(path, import.meta.resolve('@fireball/' + owner)).href;`;

/** Where a source file of ours was before it was bundled: it finds its data, its workers and its packages from there. */
function placeOf(file) {
  const [folderOfOwner, path] = relative(root, file).split(`${sep}dist${sep}`);
  return `placeIn('${basename(folderOfOwner)}', '${path}')`;
}

function isCommonJs(file) {
  if (/\.[mc]js$/.test(file)) return file.endsWith('.cjs');
  for (let place = dirname(file); ; place = dirname(place)) {
    const manifest = join(place, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type !== 'module';
  }
}

const keepPlaces = {
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const source = await readFile(path, 'utf8');
      return { contents: source.replaceAll('import.meta.url', placeOf(path)), loader: 'js' };
    });
  },
};

/** Leaves CommonJS packages where they are: required from the package of ours that depends on them. */
const keepCommonJs = {
  name: 'keep-commonjs',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^[^.]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || !importer.startsWith(root) || importer.includes('node_modules') || movable.has(path)) return undefined;
      const found = await resolve(path, { resolveDir, kind, pluginData: 'asked' });
      const isOurs = !found.path.includes('node_modules');
      return found.external || isOurs || !isCommonJs(found.path) ? found : { path, namespace: 'commonjs', pluginData: placeOf(importer) };
    });
    onLoad({ filter: /.*/, namespace: 'commonjs' }, ({ path, pluginData }) => ({
      contents: `module.exports = requireOf(${pluginData})('${path}');`,
    }));
  },
};

rmSync(output, { recursive: true, force: true });
await build({
  entryPoints: [join(folder, 'dist/main.js')],
  outdir: output,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: '[name]-[hash]',
  legalComments: 'linked',
  keepNames: true,
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  banner: { js: banner },
  plugins: [keepCommonJs, keepPlaces],
});
