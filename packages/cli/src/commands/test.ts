import { UsageError } from '@fireball/contracts';
import type { CommandRegistration } from './command.js';

/** Listed for `--help`; the launcher runs the tests itself, because they build the product first. */
export const registerTest: CommandRegistration = (program, run) => {
  const command = program
    .command('test')
    .description('build, and run all tests; options are passed on to jest')
    .argument('[args...]', 'file patterns and options of jest');
  run(command, () => {
    throw new UsageError('tests are run by the launcher: type ./fireball test, or pnpm test');
  });
};
