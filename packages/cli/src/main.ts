#!/usr/bin/env node
import { SystemError, systemReason } from '@fireball/contracts';
import { describeError } from './errors.js';
import { runCommandLine } from './program.js';

/** A reader such as `head` that has seen enough ends the program quietly, as SIGPIPE would. */
const closedPipeStatus = 128 + 13;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(closedPipeStatus);
  fail(new SystemError(`cannot write to standard output: ${systemReason(error)}`, { cause: error }));
});
// Where nobody hears us, the exit status still says how it ended.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', fail);

function fail(error: unknown): never {
  const { line, exitStatus } = describeError(error);
  process.stderr.write(`fireball: ${line}\n`);
  process.exit(exitStatus);
}

// Places in a stack are then those of the sources, not of the bundle; read only by those who ask for stacks.
if (process.argv.includes('--verbose')) process.setSourceMapsEnabled(true);
// Ending by itself, not by process.exit, lets a pipe take all of the output.
process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
});
