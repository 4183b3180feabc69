/** README's way from "the result differs" to the wrong machine instruction leads there, on the command line and in a client of the Debug Adapter Protocol. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodeRow } from '@fireball/debugger';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { expect, it } from '@jest/globals';
import { main, root } from './testing/fireball.js';

const stable = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim());

it('the planted template bug is found as README shows', () => {
  const [, text = ''] = /^### Find a wrong template\n[\s\S]*?^```text\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const steps = text.split(/^\$ /m).slice(1);
  expect(steps).toHaveLength(3);
  const folder = mkdtempSync(join(tmpdir(), 'fireball-walk-'));
  try {
    let commands = 0;
    for (const step of steps) {
      const [command = '', ...shown] = step.split('\n');
      const run = command.replaceAll('planted', `'${join(folder, 'planted')}'`).replace('./fireball', `'${process.execPath}' '${main}'`);
      const { stdout, stderr } = spawnSync('bash', ['-c', run], { cwd: root, encoding: 'utf8' });
      expect({ stderr, lines: stable(stdout) }).toEqual({ stderr: '', lines: stable(shown.join('\n')) });
      if (command.startsWith('./fireball')) commands += 1 + (command.match(/ -e /g) ?? []).length;
    }
    expect(commands).toBeLessThan(10);
    expect(steps[2]).toContain('smull r1, r0, r4, r3');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The steps of docs/debug.md, "A wrong template in VS Code": what it clicks there are these requests. */
it('the planted template bug is found in a debug client', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-walk-'));
  const adapter = spawn(process.execPath, [main, 'debug', '--dap', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const client = new DebugClient('', '', 'fireball');
  try {
    const planted = join(folder, 'planted');
    mkdirSync(planted);
    const templates = readFileSync(join(root, 'jit/templates/generated/thumb2.json'), 'utf8');
    writeFileSync(join(planted, 'thumb2.json'), templates.replaceAll('a0fb0000', '80fb0000'));
    const [said] = (await once(adapter.stderr, 'data')) as [Buffer];
    await client.start(Number(/:(\d+)\n/.exec(said.toString())?.[1]));
    const stopped = async (move: () => Promise<unknown>): Promise<DebugProtocol.StoppedEvent['body']> => {
      const event = client.waitForEvent('stopped', 60_000);
      await move();
      return ((await event) as DebugProtocol.StoppedEvent).body;
    };
    const initialized = client.waitForEvent('initialized', 60_000);
    await client.initializeRequest();
    const program = join(root, 'packages/kernels/data/wasm/i64mix.wasm');
    const configuration: object = { program, templates: planted, lockstep: true, stopOnEntry: false };
    await client.launchRequest(configuration);
    await initialized;
    const difference = await stopped(() => client.configurationDoneRequest());
    expect(difference).toMatchObject({ reason: 'exception', text: expect.stringMatching(/^differs from the reference: operand 2/) as unknown });

    const thread = { threadId: 1 };
    const lines = (await client.sourceRequest({ sourceReference: 1 })).body.content.split('\n');
    const line = async (): Promise<string> => lines[(await client.stackTraceRequest(thread)).body.stackFrames[0]!.line - 1]!.trim();
    expect(await line()).toMatch(/^local\.tee 4 /);
    await stopped(() => client.stepBackRequest(thread));
    expect(await line()).toMatch(/^i64\.mul /);
    for (let step = 0; step < 4; step++) await stopped(() => client.stepInRequest({ ...thread, granularity: 'instruction' }));
    const columns = (await client.send('fireball/templates', {})) as { readonly body: { first: number; here: { machine: number }; rows: CodeRow[] } };
    const { first, here, rows } = columns.body;
    const row = rows[here.machine - first]!;
    expect([row.template?.name, row.machine?.text]).toEqual(['umull', 'smull r1, r0, r4, r3']);
    const value = async (expression: string): Promise<string> => (await client.evaluateRequest({ expression, context: 'watch', frameId: 0 })).body.result;
    expect(await value('(r4 * r3) >> 32')).toBe('1323297341 (0x4edfea3d)');
    await stopped(() => client.stepInRequest({ ...thread, granularity: 'instruction' }));
    expect(await value('r0')).toBe('4285730080 (0xff730d20)');
  } finally {
    await client.stop();
    adapter.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}, 60_000);
