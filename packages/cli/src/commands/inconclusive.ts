import { InvalidArgumentError, Option } from 'commander';
import { formatCount } from '@fireball/contracts';
import { optionGroups } from './engine-options.js';

/** How much of a comparison may say nothing. */
export function maxInconclusiveOption(what: string): Option {
  return new Option('--max-inconclusive <percent>', `${what} that may say nothing, because the reference ran out of fuel or stack; more is a failure`)
    .argParser(percent)
    .default(10)
    .helpGroup(optionGroups.limits);
}

function percent(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > 100) throw new InvalidArgumentError('It must be a number from 0 to 100.');
  return value;
}

/** What is wrong where more than `allowed` percent of `all` are inconclusive; undefined where that is not so. */
export function tooInconclusive(inconclusive: number, all: number, what: string, allowed: number): string | undefined {
  const share = (100 * inconclusive) / Math.max(all, 1);
  if (share <= allowed) return undefined;
  return (
    `${formatCount(inconclusive)} of ${formatCount(all)} ${what} are inconclusive (${Math.ceil(share)} %, at most ${allowed} % are allowed by --max-inconclusive): ` +
    'the reference ran out of fuel or stack in them, so that they say nothing about any engine; --fuel gives them more'
  );
}
