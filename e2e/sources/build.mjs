// Builds the modules beside it from their sources: Debian's clang, lld, llvm, wasi-libc, rustc and libstd-rust-dev-wasm32.
// What llvm-dwarfdump says of their lines is kept beside them.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const clang = (source, exported, output, ...options) =>
  execFileSync(
    'clang',
    [
      '--target=wasm32',
      '-g',
      '-fdebug-compilation-dir=/build',
      '-nostdlib',
      '-Wl,--no-entry',
      ...exported.map((name) => `-Wl,--export=${name}`),
      ...options,
      '-o',
      output,
      source,
    ],
    {
      cwd: import.meta.dirname,
      stdio: 'inherit',
    },
  );

const points = (...options) => clang('points.c', ['sum', 'add'], ...options);
points('points-O0.wasm', '-O0', '-gdwarf-4');
points('points-O2.wasm', '-O2', '-gdwarf-4');
points('points-O0-dwarf5.wasm', '-O0', '-gdwarf-5');
points('points-O2-dwarf5.wasm', '-O2', '-gdwarf-5');
clang('figures.cpp', ['largest'], 'figures.wasm', '-O0', '-gdwarf-4', '-fno-exceptions', '-fno-rtti');
clang('shapes.c', ['shapes'], 'shapes-O0.wasm', '-O0', '-gdwarf-4');
clang('shapes.c', ['shapes'], 'shapes-O1-dwarf5.wasm', '-O1', '-gdwarf-5');
execFileSync('clang', ['--target=wasm32-wasi', '-g', '-O1', '-fdebug-compilation-dir=/build', '-o', 'words.wasm', 'words.c'], {
  cwd: import.meta.dirname,
  stdio: 'inherit',
});
execFileSync(
  '/usr/bin/rustc',
  [
    '--target',
    'wasm32-unknown-unknown',
    '--crate-type',
    'cdylib',
    '-g',
    '-C',
    'opt-level=1',
    '-C',
    'overflow-checks=no',
    '-C',
    'panic=abort',
    '--remap-path-prefix',
    `${import.meta.dirname}=/build`,
    '-o',
    'area.wasm',
    'area.rs',
  ],
  { cwd: import.meta.dirname, stdio: 'inherit' },
);

const modules = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.wasm') && !/^(?:words|shapes|figures)/.test(name));
const rows = modules.flatMap((name) =>
  execFileSync('llvm-dwarfdump', ['--debug-line', join(import.meta.dirname, name)], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^0x([0-9a-f]{16}) +(\d+) +\d+ +\d+ .*?(is_stmt)?[^_]*?( end_sequence)?$/.exec(line))
    .filter((match) => match !== null && match[4] === undefined)
    .map(([, address, line, statement]) => `${name} ${address.slice(8)} ${line}${statement === undefined ? '' : ' is_stmt'}`),
);
writeFileSync(join(import.meta.dirname, 'lines.txt'), `${rows.join('\n')}\n`);
