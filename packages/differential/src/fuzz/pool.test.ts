import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assembleText } from '@fireball/engines';
import { CasePool } from './pool.js';
import type { CaseRequest } from './protocol.js';

const worker = fileURLToPath(new URL('../../dist/fuzz/worker.js', import.meta.url));

describe('child processes', () => {
  let folder: string;
  let pool: CasePool;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fireball-pool-'));
    const options = { fuel: Number.MAX_SAFE_INTEGER, maxPages: 4 };
    pool = new CasePool({
      jobs: 1,
      timeout: 5000,
      folder,
      worker,
      configuration: { engines: ['interp', 'v8'], generator: 'own', features: ['i32'], options },
    });
  });
  afterEach(() => {
    pool.close();
    rmSync(folder, { recursive: true });
  });

  async function endless(): Promise<CaseRequest> {
    const bytes = await assembleText('endless.wat', '(module (func (export "f") (loop (br 0))))');
    return { seed: 0, bytes, calls: [{ function: 'f', args: [] }], engines: ['interp', 'v8'] };
  }

  it('answer every case, in order', async () => {
    const replies = await Promise.all(Array.from({ length: 40 }, (_, seed) => pool.run({ seed })));
    expect(replies.map(({ kind }) => kind)).toEqual(Array.from({ length: 40 }, () => 'result'));
  });

  it('that do not answer in time are ended; the cases behind go on', async () => {
    const replies = await Promise.all([pool.run({ seed: 1 }), pool.run(await endless()), pool.run({ seed: 2 })]);
    expect(replies.map(({ kind }) => kind)).toEqual(['result', 'hung', 'result']);
  }, 30_000);

  it('that die are replaced; their note names the case', async () => {
    const first = await pool.run({ seed: 7 });
    expect(first.kind).toBe('result');
    const dying = pool.run(await endless());
    const next = pool.run({ seed: 8 });
    const [note] = readdirSync(folder);
    // The child writes a case down before it runs it: by its seed, or as it is.
    const isRunning = /"process":(\d+),"bytes":/;
    const read = (): string => readFileSync(join(folder, note!), 'utf8');
    for (let waited = 0; waited < 200 && !isRunning.test(read()); waited++) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(Number(isRunning.exec(read())?.[1]), 'SIGKILL');
    expect(await dying).toMatchObject({ kind: 'died', message: 'the process ended by SIGKILL' });
    expect((await next).kind).toBe('result');
  }, 30_000);
});
