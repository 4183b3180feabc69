/** Lines of C for clients of the Debug Adapter Protocol: breakpoints by path, frames with files, steps. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { main, root } from './testing/fireball.js';

const sources = join(root, 'e2e', 'sources');

let adapter: ChildProcess;
let port: number;
let client: DebugClient;
beforeAll(async () => {
  adapter = spawn(process.execPath, [main, 'debug', '--dap', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = (await once(adapter.stderr!, 'data')) as [Buffer];
  port = Number(/debug adapter at 127\.0\.0\.1:(\d+)/.exec(said.toString())?.[1]);
});
afterAll(() => {
  adapter.kill('SIGKILL');
});
afterEach(() => client.stop());

/** A client that has launched and stands at the entry. */
async function launched(configuration: DebugProtocol.LaunchRequestArguments): Promise<void> {
  client = new DebugClient('', '', 'fireball');
  await client.start(port);
  const initialized = client.waitForEvent('initialized', 10_000);
  await client.initializeRequest();
  await client.launchRequest(configuration);
  await initialized;
}

/** Does what a client asks for, and waits until the program has come to stand. */
async function stopped(move: () => Promise<unknown>): Promise<void> {
  const event = client.waitForEvent('stopped', 20_000);
  await move();
  await event;
}

const thread = { threadId: 1 };
const begin = (): Promise<unknown> => client.configurationDoneRequest();
const on = (): Promise<unknown> => client.continueRequest(thread);
const frames = async (): Promise<DebugProtocol.StackFrame[]> => (await client.stackTraceRequest(thread)).body.stackFrames;

describe.each(['thumb2', 'rv32', 'vsoc-rv32'])('a module with lines of C on %s', (engine) => {
  const source = { path: join(sources, 'points.c') };
  const top = async (): Promise<string> => {
    const [first] = await frames();
    return `${first!.name} ${first!.source?.path ?? first!.source?.name} ${first!.line}`;
  };

  it('stops on lines of its sources, and steps by them in both directions', async () => {
    const configuration: object = { program: join(sources, 'points-O0.wasm'), invoke: 'sum=2', engine };
    await launched(configuration);
    const { breakpoints } = (await client.setBreakpointsRequest({ source, breakpoints: [{ line: 25 }, { line: 23 }, { line: 1000 }] })).body;
    expect(breakpoints).toMatchObject([{ verified: true, line: 25 }, { verified: true, line: 24 }, { verified: false }]);
    const elsewhere = { path: join(sources, 'elsewhere', 'other.c') };
    expect((await client.setBreakpointsRequest({ source: elsewhere, breakpoints: [{ line: 1 }] })).body.breakpoints).toMatchObject([{ verified: false }]);
    const places = await client.send('breakpointLocations', { source, line: 20, endLine: 25 });
    expect((places.body as { readonly breakpoints: unknown }).breakpoints).toEqual([21, 22, 24, 25].map((line) => ({ line })));
    await stopped(begin);
    await stopped(on);
    expect(await top()).toBe(`sum ${source.path} 24`);
    await client.setBreakpointsRequest({ source, breakpoints: [{ line: 25 }] });
    await stopped(on);
    expect(await top()).toBe(`sum ${source.path} 25`);
    await stopped(() => client.stepInRequest(thread));
    expect(await top()).toBe(`area ${source.path} 12`);
    expect((await frames()).slice(0, 2)).toMatchObject([{ name: 'area' }, { name: 'sum', line: 25, source }]);
    await stopped(() => client.nextRequest(thread));
    expect(await top()).toBe(`area ${source.path} 13`);
    await stopped(() => client.stepBackRequest(thread));
    expect(await top()).toBe(`area ${source.path} 12`);
    await stopped(() => client.stepOutRequest(thread));
    expect(await top()).toBe(`sum ${source.path} 25`);
    expect((await client.send('loadedSources', {})).body).toMatchObject({ sources: [{ sourceReference: 1 }, source] });
  });
});
