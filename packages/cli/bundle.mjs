// Bundles the built command line, dist/bundle/main.js, with whatever it loads: a process that opens four hundred files spends most of a short command on that.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { build, transform } from 'esbuild';
import { Scripts } from './dist/scripts.js';

const folder = import.meta.dirname;
const root = join(folder, '../..');
const output = join(folder, 'dist/bundle');

/** CommonJS packages that look for no file of their own, and so can be moved into the bundle. */
const movable = new Set(['commander', 'yaml']);

/** Where a source file of ours was before it was bundled, as an expression: it finds its data, its workers and its packages from there. */
function placeOf(file) {
  const [folderOfOwner, path] = relative(root, file).split(`${sep}dist${sep}`);
  return `placeIn('${basename(folderOfOwner)}', '${path}')`;
}
const places = join(folder, 'dist/places.js');

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
      if (!source.includes('import.meta.url')) return undefined;
      return { contents: `import { placeIn } from '${places}';${source.replaceAll('import.meta.url', placeOf(path))}`, loader: 'js' };
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
      contents: `const { placeIn } = require('${places}'); module.exports = require('node:module').createRequire(${pluginData})('${path}');`,
      resolveDir: folder,
    }));
  },
};

const common = {
  outdir: output,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'linked',
  minifyWhitespace: true,
  minifySyntax: true,
  sourcesContent: false,
  logLevel: 'warning',
};
const ofScripts = { 'import.meta.dirname': '__dirname' };

rmSync(output, { recursive: true, force: true });
mkdirSync(output);
writeFileSync(join(output, 'package.json'), '{ "type": "commonjs" }\n');

// The rest in parts, loaded where they are needed. esbuild splits only modules, and V8 hands out what it compiled only of scripts.
const { outputFiles } = await build({
  ...common,
  entryPoints: { 'command-line': join(folder, 'dist/main.js') },
  splitting: true,
  format: 'esm',
  chunkNames: '[name]-[hash]',
  keepNames: true,
  sourcemap: 'inline',
  write: false,
  plugins: [keepCommonJs, keepPlaces],
});
for (const { path, contents, text } of outputFiles) {
  if (path.endsWith('.js')) await writeScript(path, text);
  else writeFileSync(path, contents);
}

async function writeScript(path, text) {
  const name = basename(path);
  const module = text
    .replaceAll(/\bimport\(("\.\/[\w-]+\.js")\)/g, 'Promise.resolve().then(()=>require($1))')
    // Another file, as of a user's devices. V8 forgets who imports for a script of which it was given what it had compiled.
    .replaceAll(/\bimport\((?!")/g, '(module.importFile??(file=>import(file)))(');
  const { code, map } = await transform(module, {
    format: 'cjs',
    platform: common.platform,
    target: common.target,
    minifyWhitespace: true,
    sourcefile: name,
    sourcemap: 'external',
    sourcesContent: false,
    define: ofScripts,
  });
  writeFileSync(path, `${code}//# sourceMappingURL=${name}.map\n`);
  writeFileSync(`${path}.map`, map);
}

// What V8 has compiled is kept after short commands: with the functions that they call, which V8 would forget again after a while.
// Where a command cannot run, as without libunicorn, less is kept. A flag of V8's stays as it is by default when this is written, or is refused later.
const kernel = join(root, 'packages/kernels/data/wasm/fib.wasm');
const firmware = join(root, 'e2e/firmware/images/mps2-an385/context.elf');
setFlagsFromString('--no-flush-bytecode');
const scripts = new Scripts(output);
const { runCommandLine } = scripts.load('./command-line.js');
for (const args of [
  ['run', kernel],
  ['run', kernel, '--engine', 'thumb2'],
  ['run', kernel, '--engine', 'rv32'],
  ['compile', kernel],
  ['compile', kernel, '--target', 'rv32'],
  ['diff', kernel, '--engines', 'interp,thumb2'],
  ['debug', kernel, '--batch', '-e', 'continue', '--json'],
  ['emulate', firmware, '--machine', 'mps2-an385', '--json'],
])
  await runCommandLine(args, { stdout() {}, stderr() {}, interactive: false });
setFlagsFromString('--flush-bytecode');
scripts.keepCompiled();

// Last, because a checkout that has it counts as built.
await build({ ...common, entryPoints: { main: join(folder, 'dist/launch.js') }, format: 'cjs', define: ofScripts, sourcemap: true });
