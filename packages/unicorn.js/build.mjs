// Builds the native addon; run by `pnpm install`. Where a part of the system is missing it says
// in one line what to install and succeeds: everything that needs no CPU still works, and loading
// the addon names the missing part again.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const { include_dir: includeFolder } = createRequire(import.meta.url)('node-api-headers');
const compiler = process.env.CXX ?? 'g++';

/** True when the command could be started and succeeded. */
function succeeds(command, args, input) {
  return spawnSync(command, args, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** The Debian packages that are missing, in the order in which they are needed. */
function missingPackages() {
  const missing = [];
  if (!succeeds('make', ['--version'])) missing.push('make');
  if (!succeeds(compiler, ['--version'])) return [...missing, 'g++', 'libunicorn-dev'];
  const header = ['-x', 'c++', '-E', '-'];
  if (!succeeds(compiler, header, '#include <unicorn/unicorn.h>\n')) missing.push('libunicorn-dev');
  return missing;
}

const missing = missingPackages();
if (missing.length > 0) {
  console.error(`unicorn.js: no emulated CPUs; to get them: apt-get install -y ${missing.join(' ')} ` + '&& pnpm --filter @fireball/unicorn.js run install');
} else {
  const made = spawnSync('make', ['--no-print-directory', `NODE_API_INCLUDE=${includeFolder}`], {
    cwd: root,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    console.error(made.stdout + made.stderr);
    process.exitCode = 1;
  }
}
