/** Lines of C for clients of the Debug Adapter Protocol: breakpoints by path, frames with files, steps; and what is compiled beside the program. */
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
  const initialized = client.waitForEvent('initialized', 60_000);
  await client.initializeRequest();
  await client.launchRequest(configuration);
  await initialized;
}

/** Does what a client asks for, and waits until the program has come to stand. */
async function stopped(move: () => Promise<unknown>): Promise<void> {
  const event = client.waitForEvent('stopped', 60_000);
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

it('variables of C have a scope with children, by expressions that can be watched and written; functions that are inlined have frames', async () => {
  await launched({ program: join(sources, 'shapes-O0.wasm'), invoke: 'shapes=3' } as object);
  await client.setBreakpointsRequest({ source: { path: join(sources, 'shapes.c') }, breakpoints: [{ line: 29 }] });
  await stopped(begin);
  await stopped(on);
  type Variables = DebugProtocol.Variable[];
  const inside = async (variablesReference: number): Promise<Variables> => (await client.variablesRequest({ variablesReference })).body.variables;
  const scope = async (frameId: number): Promise<number> =>
    (await client.scopesRequest({ frameId })).body.scopes.find(({ name }) => name === 'Source locals')!.variablesReference;
  const [shape, factor, all] = await inside(await scope(0));
  expect([shape, factor, all]).toMatchObject([
    { name: 'shape', value: '0x4e8', type: expect.stringMatching(/^const shape_t \* at @0x/) },
    { name: 'factor', value: "200 '\\310'", variablesReference: 0 },
    { name: 'all', type: expect.stringMatching(/^int at @0x/) },
  ]);
  const members = await inside(shape!.variablesReference);
  expect(members[0]).toMatchObject({
    name: 'colour',
    value: 'GREEN',
    type: expect.stringMatching(/^const enum colour at |^enum colour at /),
    evaluateName: 'shape->colour',
  });
  expect(await inside(members.find(({ name }) => name === 'next')!.variablesReference)).toContainEqual(
    expect.objectContaining({ name: 'scale', value: '0.5', evaluateName: 'shape->next->scale' }),
  );
  const table = (await inside(await scope(1))).find(({ name }) => name === 'table')!;
  const [row] = await inside(table.variablesReference);
  expect((await inside(row!.variablesReference))[2]).toMatchObject({ name: '[2]', value: '3', evaluateName: 'table[0][2]' });
  // Of the activation that it is of: the innermost one has no such variable.
  expect((await client.setVariableRequest({ variablesReference: row!.variablesReference, name: '[2]', value: '9' })).body).toEqual({ value: '9' });
  expect((await inside(row!.variablesReference))[2]).toMatchObject({ value: '9' });
  expect((await client.evaluateRequest({ expression: 'square', frameId: 0 })).body).toMatchObject({
    type: 'shape_t at @0x4e8',
    result: expect.stringContaining('scale = 1,'),
  });
  expect((await client.evaluateRequest({ expression: '*shape->next', frameId: 0 })).body.variablesReference).toBeGreaterThan(0);
  expect((await client.setVariableRequest({ variablesReference: await scope(0), name: 'all', value: '0 - 40' })).body).toEqual({ value: '-40' });
  const write = async (name: string, value: string): Promise<unknown> => client.setVariableRequest({ variablesReference: await scope(0), name, value });
  await expect(write('factor', '300')).rejects.toThrow('300 does not fit into 8 bits');
  await expect(write('nobody', '1')).rejects.toThrow('nobody cannot be named in an expression');
  const { dataId } = (await client.dataBreakpointInfoRequest({ variablesReference: await scope(0), name: 'all' })).body;
  expect(dataId).toMatch(/^\d+\/4$/);
  await client.setBreakpointsRequest({ source: { path: join(sources, 'shapes.c') }, breakpoints: [] });
  await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: dataId!, accessType: 'write' }] });
  const written = client.waitForEvent('stopped', 60_000);
  await on();
  expect((await written).body).toMatchObject({ reason: 'data breakpoint' });
  expect((await frames())[0]!.name).toBe('weigh');
  client.stop().catch(() => undefined);
  await launched({ program: join(sources, 'shapes-O1-dwarf5.wasm'), invoke: 'shapes=3' } as object);
  await client.setBreakpointsRequest({ source: { path: join(sources, 'shapes.c') }, breakpoints: [{ line: 30 }] });
  await stopped(begin);
  await stopped(on);
  expect(await frames()).toMatchObject([
    { name: 'weigh (inlined)', line: 30 },
    { name: 'shapes', line: 43 },
  ]);
});

it.each(['thumb2', 'rv32'])(
  'in mixed mode on %s, the compiler is a thread without frames, which says where it is',
  async (isa) => {
    const configuration: object = { program: join(root, 'packages', 'kernels', 'data', 'wasm', 'fib.wasm'), engine: `vsoc-${isa}` };
    await launched(configuration);
    const threads = async (): Promise<string[]> => (await client.threadsRequest()).body.threads.map(({ id, name }) => `${id} ${name}`);
    await stopped(begin);
    expect(await threads()).toEqual([expect.stringMatching(/^1 /), '2 compile worker 1 (idle)']);
    let worker = '';
    for (let count = 8000; count < 60_000 && !worker.includes('instructions'); count += 1000) {
      await client.evaluateRequest({ expression: `goto ${count}`, context: 'repl' });
      worker = (await threads())[1]!;
    }
    expect(worker).toMatch(/^2 compile worker 1 \((compiling|linking) function \d, in \w+ at 0x\w{8} .*, \d+ of \d+ instructions\)$/);
    expect((await client.stackTraceRequest({ threadId: 2 })).body).toEqual({ stackFrames: [], totalFrames: 0 });
  },
  60_000,
);
