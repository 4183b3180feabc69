import { expect, it } from '@jest/globals';
import { corpus } from '../corpus/index.js';
import { hostileCampaign, type HostileFinding } from './hostile/campaign.js';

/** A nightly run of an hour takes 20,000; HOSTILE_SEED chooses others, and repeats one. */
const cases = Number.parseInt(process.env['HOSTILE_CASES'] ?? '250', 10);
const seed = Number.parseInt(process.env['HOSTILE_SEED'] ?? '1', 10);
const texts = corpus.flatMap(({ rows }) => rows.flatMap(({ modules }) => modules.map(({ wat }) => wat)));
/** Of a machine that does other things as well. */
const millisecondsOfCase = 2000;

it(
  `${cases} hostile command lines from seed ${seed} on: no bug, no stack trace, no hang, no gigabyte`,
  async () => {
    const findings: HostileFinding[] = [];
    const ends = await hostileCampaign(seed, cases, texts, (finding) => {
      findings.push(finding);
      if (process.env['HOSTILE_CASES'] !== undefined) process.stderr.write(`${JSON.stringify(finding)}\n`);
    });
    expect(findings).toEqual([]);
    // What is refused at once tests little: every kind of end is among them.
    for (const status of [0, 1, 2, 65]) expect(ends.get(status) ?? 0).toBeGreaterThan(cases / 40);
  },
  60_000 + cases * millisecondsOfCase,
);
