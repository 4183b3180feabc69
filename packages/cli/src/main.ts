import { describeError } from './errors.js';
import { runCommandLine } from './program.js';

/** A reader such as `head` that has seen enough ends the program quietly, as SIGPIPE would. */
const closedPipeStatus = 128 + 13;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? closedPipeStatus : 70);
  });
}
process.on('uncaughtException', (error) => {
  const { line, exitStatus } = describeError(error);
  process.stderr.write(`fireball: ${line}\n`);
  process.exit(exitStatus);
});

// Ending by itself, not by process.exit, lets a pipe take all of the output.
process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
});
