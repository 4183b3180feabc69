// Compiles the cores, src/core of this package and of the JIT, to WebAssembly, and writes each down as src/generated/core.ts of its package, that of validation with jumps as jumps-core.ts, that for the device of the virtual SoC as device-core.ts, and those for firmware as firmware/TARGET.wasm and firmware/TARGET-baseline.wasm of the JIT. With --check it only says whether those are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import binaryen from 'assemblyscript/binaryen';

/**
 * How large functions are at most, in nodes, that are put in line everywhere; where that may save something; where they are called once. `asc` has limits of
 * its own, and none but those that go with its levels: by those for a device the JIT's core has 18 % less machine code there, where it executes 2 % more; by
 * those for a host it compiles a sixth faster in V8, which puts no function of WebAssembly in line itself.
 */
const onDevice = { AlwaysInlineMaxSize: 12, FlexibleInlineMaxSize: 30, OneCallerInlineMaxSize: 200 };
const onHost = { AlwaysInlineMaxSize: 40, FlexibleInlineMaxSize: 100, OneCallerInlineMaxSize: 100_000 };
let inlined = onDevice;

// Before `asc` takes hold of them.
for (const name of Object.keys(onDevice)) {
  const set = binaryen[`_BinaryenSet${name}`];
  binaryen[`_BinaryenSet${name}`] = () => set(inlined[name]);
}
/**
 * Patterns of the names of functions that are put in line nowhere: those of which the last word of the comment is `@noinline`. What calls them seldom does, and
 * is shorter and keeps its parameters where they are if it does so at its end.
 */
const outOfLine = new Set();
const runPasses = binaryen._BinaryenModuleRunPasses;
binaryen._BinaryenModuleRunPasses = (module, ...passes) => {
  const names = [...outOfLine];
  outOfLine.clear();
  for (const name of names) {
    binaryen.setPassArgument('no-inline', name);
    binaryen.wrapModule(module).runPasses(['no-inline']);
  }
  return runPasses(module, ...passes);
};
const { main } = await import('assemblyscript/asc');

const root = join(import.meta.dirname, '../../..');
const shared = 'packages/wasm';
const cores = [
  // One for who only validates, which is a twentieth faster.
  { folder: shared, entry: 'bodies.ts', output: 'src/generated/core.ts', write: inSource, known: { wantedJumps: 0, takesJumps: 0 }, limits: onHost },
  { folder: shared, entry: 'bodies.ts', output: 'src/generated/jumps-core.ts', write: inSource, known: { takesJumps: 1 } },
  // With names of functions, for profiles of V8 and for debuggers of the compiler on a device.
  { folder: 'jit', entry: 'index.ts', output: 'src/generated/core.ts', write: inSource, more: ['--debug'], limits: onHost },
  { folder: 'jit', entry: 'index.ts', output: 'src/generated/device-core.ts', write: inSource, more: ['--debug'] },
  ...['thumb2', 'rv32'].flatMap((name, target) =>
    ['', '-baseline'].map((compiler, isBaseline) => ({
      folder: 'jit',
      entry: 'firmware.ts',
      output: `firmware/${name}${compiler}.wasm`,
      write: (binary) => Buffer.from(binary),
      // Words in memory that never are anything else in firmware, where they are loaded by these names: what is for another target goes, what is of the other compiler, or for a host that debugs.
      known: { target, isBaseline, hasSafepoint: 0, asksForCalls: 0, isTrusted: 0, checksWidely: 0, recordsLocations: 0, recountsOwners: 0, keepsOrigins: 0 },
    })),
  ),
];

function inSource(binary) {
  return Buffer.from(`/** The core, compiled from src/core by \`pnpm core:build\`: ${binary.length} bytes of WebAssembly in base64. */
export const coreBinary =
  '${Buffer.from(binary).toString('base64')}';
`);
}

/** Plain WebAssembly 1.0, which all engines run. */
const options =
  '-O3 --converge --noAssert --runtime stub --initialMemory 1 --disable bulk-memory --disable sign-extension --disable nontrapping-f2i --disable mutable-globals';

const readText = (...path) => {
  try {
    return readFileSync(join(root, ...path), 'utf8');
  } catch {
    return null;
  }
};

/** The file, and the package before it where that is not the one in question. */
function pathOf(name) {
  return name
    .replace(/\.js\.ts$/, '.ts')
    .split(/^.*node_modules\/@fireball\/wasm\//)
    .reverse();
}

function noteOutOfLine(file, text) {
  for (const [, name] of text.matchAll(/@noinline \*\/\n(?:export )?function (\w+)/g)) outOfLine.add(`*${file.replace(/\.ts$/, '')}*/${name}`);
}

/** Sources import `./x.js`, as TypeScript wants it; what is in `assembly` takes the place of files of the same name there. `@fireball/wasm` is what the cores have in common. */
function readSource(folder, name) {
  const [file, package_] = pathOf(name);
  const from = package_ === undefined ? folder : shared;
  if (from === shared && ['memory.ts', ...(package_ === undefined ? [] : ['index.ts'])].includes(basename(file))) return readText(shared, 'assembly', file);
  return readText(from, 'src/core', file);
}

async function compile({ folder, entry, write, known = {}, more = [], limits = onDevice }) {
  inlined = limits;
  const fold = (text) => text?.replaceAll(/\bload32\((\w+)\)/g, (load, name) => known[name] ?? load) ?? null;
  let binary;
  outOfLine.clear();
  const { error, stderr } = await main([entry, '--outFile', 'core.wasm', ...options.split(' '), ...more], {
    readFile: (name) => {
      const text = readSource(folder, name);
      noteOutOfLine(pathOf(name)[0], text ?? '');
      return fold(text);
    },
    writeFile: (_name, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  return write(binary);
}

for (const core of cores) {
  const contents = await compile(core);
  const output = join(core.folder, core.output);
  if (!process.argv.includes('--check')) writeFileSync(join(root, output), contents);
  else if (!existsSync(join(root, output)) || !contents.equals(readFileSync(join(root, output)))) {
    console.error(`${output} is not what src/core makes: type \`pnpm core:build\``);
    process.exit(1);
  }
}
