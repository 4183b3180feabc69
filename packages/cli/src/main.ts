import { SystemError, systemReason } from '@fireball/contracts';
import { describeError } from './errors.js';
import { runCommandLine } from './program.js';

export { runCommandLine };

/** A reader such as `head` that has seen enough ends the program quietly, as SIGPIPE would. */
const closedPipeStatus = 128 + 13;

/** Runs the command line that this process was started with, and ends the process with its status. */
export async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(closedPipeStatus);
    fail(new SystemError(`cannot write to standard output: ${systemReason(error)}`, { cause: error }));
  });
  // Where nobody hears us, the exit status still says how it ended.
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', fail);
  // Ending by itself, not by process.exit, lets a pipe take all of the output.
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
  });
}

function fail(error: unknown): never {
  const { line, exitStatus } = describeError(error);
  process.stderr.write(`fireball: ${line}\n`);
  process.exit(exitStatus);
}
