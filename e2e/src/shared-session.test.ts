/** `debug FILE --dap PORT`: the line shell and clients of the Debug Adapter Protocol on one session; what one does the others see. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { afterEach, expect, it } from '@jest/globals';
import { fireball, main, root } from './testing/fireball.js';
import { targets } from './testing/native.js';

let child: ChildProcessWithoutNullStreams;
afterEach(() => {
  child.kill('SIGKILL');
});

const thread = { threadId: 1 };
const file = `${root}/packages/kernels/data/wasm/fib.wasm`;

it.each(targets)(
  'on %s, steps, breakpoints and the end of one are shown in the others',
  async (engine) => {
    child = spawn(process.execPath, [main, 'debug', file, '--engine', engine, '--dap', '0']);
    const closed = new Promise((resolve) => child.on('close', resolve));
    const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async (): Promise<string> => String((await said.next()).value);
    let port: string | undefined;
    for await (const told of createInterface({ input: child.stderr })) {
      port = /debug adapter at 127\.0\.0\.1:(\d+)$/.exec(told)?.[1];
      if (port !== undefined) break;
    }
    const attached = async (): Promise<DebugClient> => {
      const client = new DebugClient('', '', 'fireball');
      await client.start(Number(port));
      await client.initializeRequest();
      const initialized = client.waitForEvent('initialized', 60_000);
      const nothing: object = {};
      await client.attachRequest(nothing);
      await initialized;
      const stopped = client.waitForEvent('stopped', 60_000);
      await client.configurationDoneRequest();
      await stopped;
      return client;
    };
    const [one, other] = [await attached(), await attached()];
    const told = async (client: DebugClient, event: string, act: () => unknown): Promise<unknown> => {
      const waiting = client.waitForEvent(event, 20_000);
      await act();
      return (await waiting).body as unknown;
    };
    const places = async (): Promise<unknown[]> =>
      Promise.all([one, other].map(async (client) => (await client.stackTraceRequest(thread)).body.stackFrames[0]!.instructionPointerReference));

    // A breakpoint of the shell has a line in both clients.
    const lines = await Promise.all([one, other].map((client) => told(client, 'breakpoint', () => client === one && child.stdin.write('break f1\n'))));
    expect(lines).toMatchObject([1, 2].map(() => ({ reason: 'new', breakpoint: { id: 1, verified: true, line: expect.any(Number) } })));
    expect(await line()).toMatch(/^breakpoint 1 at 0x/);
    // A client runs to it: the other one, and the shell, are there.
    expect(await told(other, 'stopped', () => one.continueRequest(thread))).toMatchObject({ reason: 'breakpoint', hitBreakpointIds: [1] });
    expect(await line()).toBe('debug client: breakpoint 1: f1');
    expect(await line()).toContain('in func[1]');
    expect(new Set(await places()).size).toBe(1);
    // The shell steps: the clients are there.
    expect(await told(one, 'stopped', () => child.stdin.write('si 3\n'))).toMatchObject({ reason: 'step' });
    const after = await line();
    expect(await places()).toEqual([1, 2].map(() => `0x${/0x0*([0-9a-f]+)/.exec(after)![1]}`));
    // A client takes the shell's breakpoint out, by sending its source's others.
    await one.setBreakpointsRequest({ source: { sourceReference: 1 }, breakpoints: [] });
    child.stdin.write('info breakpoints\nset l0 = 2\n');
    expect(await told(other, 'invalidated', () => undefined)).toMatchObject({ areas: ['variables'] });
    // A client leaves, and takes what it has set with it.
    await other.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'f1' }] });
    await other.disconnectRequest({});
    expect(await told(one, 'stopped', () => one.continueRequest(thread))).toMatchObject({ reason: 'exit' });
    // What has ended can be gone back from.
    expect(await told(one, 'stopped', () => one.stepBackRequest({ ...thread, granularity: 'instruction' }))).toMatchObject({ reason: 'step' });
    await told(one, 'terminated', () => child.stdin.write('quit\n'));
    expect(await closed).toBe(0);
  },
  60_000,
);

it('a program that is named on standard input and output is refused', () => {
  expect(fireball(['debug', file, '--dap'])).toMatchObject({ status: 2, stderr: expect.stringContaining('attach at a port: --dap PORT') });
});
