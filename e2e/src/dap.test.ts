/** The Debug Adapter Protocol, by the client library that its own adapters are tested with, on native code of both targets; and clients that misbehave. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CodeRow } from '@fireball/debugger';
import { Random } from '@fireball/engines';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { main } from './testing/fireball.js';
import { targets } from './testing/native.js';

const sum = `(module (memory (export "m") 1) (global $g (mut i32) (i32.const 5))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $sum (export "sum") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (block (loop (br_if 1 (i32.ge_s (local.get $i) (local.get $n)))
      (i32.store (i32.mul (local.get $i) (i32.const 4)) (call $square (local.get $i)))
      (local.set $s (i32.add (local.get $s) (i32.load (i32.mul (local.get $i) (i32.const 4)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1))) (br 0)))
    (global.set $g (local.get $s)) (local.get $s))
  (func (export "trap") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func (export "long") (loop (br 0))))`;

let folder = '';
let program = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-dap-'));
  program = join(folder, 'sum.wat');
  writeFileSync(program, sum);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The adapter on a port of its own. */
class Adapter {
  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<Adapter> {
    const process_ = spawn(process.execPath, [main, 'debug', '--dap', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    for await (const piece of process_.stderr) {
      said += String(piece);
      const port = /debug adapter at 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
      if (port !== undefined) return new Adapter(process_, Number(port));
    }
    throw new Error(`no adapter: ${said}`);
  }
}

/** What is used of an answer to `fireball/templates`. */
interface Columns {
  readonly frame: number;
  readonly function?: { readonly name: string };
  readonly first: number;
  readonly rows: readonly CodeRow[];
  readonly here: { readonly wasm?: number };
}

let adapter: Adapter;
let client: DebugClient;
beforeAll(async () => {
  adapter = await Adapter.start();
});
afterAll(() => {
  adapter.process.kill('SIGKILL');
});

async function connected(): Promise<void> {
  client = new DebugClient('', '', 'fireball');
  await client.start(adapter.port);
  isConnected = true;
}

/** A client that has launched and stands at the entry. */
async function launched(configuration: object, stopOnEntry = true): Promise<DebugClient> {
  await connected();
  const initialized = client.waitForEvent('initialized', 60_000);
  await client.initializeRequest();
  const whole: object = { program, stopOnEntry, ...configuration };
  await client.launchRequest(whole);
  await initialized;
  return client;
}
let isConnected = false;
afterEach(async () => {
  // It waits for ever where there is nothing to stop.
  if (isConnected) await client.stop();
  isConnected = false;
});

/** Does what a client asks for, and waits until the program has come to stand. */
async function stopped(move: () => Promise<unknown>): Promise<DebugProtocol.StoppedEvent['body']> {
  const event = client.waitForEvent('stopped', 60_000);
  await move();
  return ((await event) as DebugProtocol.StoppedEvent).body;
}

const thread = { threadId: 1 };
const begin = (): Promise<unknown> => client.configurationDoneRequest();
const on = (): Promise<unknown> => client.continueRequest(thread);
const textOf = async (): Promise<string[]> => (await client.sourceRequest({ sourceReference: 1 })).body.content.split('\n');
const frames = async (): Promise<DebugProtocol.StackFrame[]> => (await client.stackTraceRequest(thread)).body.stackFrames;

async function scope(name: string, frameId = 0): Promise<Record<string, string>> {
  const { scopes } = (await client.scopesRequest({ frameId })).body;
  const { variablesReference } = scopes.find((each) => each.name === name)!;
  const { variables } = (await client.variablesRequest({ variablesReference })).body;
  return Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
}
async function scopeReference(name: string): Promise<number> {
  return (await client.scopesRequest({ frameId: 0 })).body.scopes.find((each) => each.name === name)!.variablesReference;
}
/** What is inside of a variable that is behind a reference, and its own reference. */
async function inside(reference: number, name: string): Promise<{ readonly variables: Record<string, string>; readonly reference: number }> {
  const found = (await client.variablesRequest({ variablesReference: reference })).body.variables.find((each) => each.name === name)!;
  const { variables } = (await client.variablesRequest({ variablesReference: found.variablesReference })).body;
  return { variables: Object.fromEntries(variables.map((variable) => [variable.name, variable.value])), reference: found.variablesReference };
}
/** Instructions as the client pages through them. */
async function disassembled(memoryReference: string, instructionOffset: number, instructionCount: number): Promise<DebugProtocol.DisassembledInstruction[]> {
  return (await client.disassembleRequest({ memoryReference, instructionOffset, instructionCount })).body!.instructions;
}
/** The instruction on the line where a frame stands, without its offset. */
async function instruction(frame = 0): Promise<string> {
  const { line } = (await frames())[frame]!;
  return (await textOf())[line - 1]!.replace(/;;.*/, '').trim();
}
async function lineOf(text: string, nth = 0): Promise<number> {
  const lines = (await textOf()).flatMap((line, index) => (line.replace(/;;.*/, '').trim() === text ? [index + 1] : []));
  return lines[nth]!;
}

describe.each(targets)('a module on %s', (engine) => {
  it('is launched, stopped at breakpoints by line and function, with conditions, and looked at', async () => {
    await launched({ invoke: 'sum=5', engine });
    const line = await lineOf('i32.store');
    const { breakpoints } = (await client.setBreakpointsRequest({ source: { sourceReference: 1 }, breakpoints: [{ line, condition: 'l1 == 3' }] })).body;
    expect(breakpoints).toMatchObject([{ verified: true, line }]);
    expect(await stopped(begin)).toMatchObject({ reason: 'entry' });
    expect(await stopped(on)).toMatchObject({ reason: 'breakpoint', hitBreakpointIds: [breakpoints[0]!.id] });
    expect(await instruction()).toBe('i32.store');
    expect(await scope('Locals')).toMatchObject({ 'local 0': '5 (0x5)', 'local 1': '3 (0x3)', 'local 2': '5 (0x5)' });
    expect(await scope('Operand stack')).toEqual({ 'operand 0': '12 (0xc)', 'operand 1': '9 (0x9)' });
    expect(Object.keys(await scope('Template'))).toContain('template');
    expect((await inside(await scopeReference('Linear memories'), 'memory 0')).variables).toMatchObject({
      bytes: '65536 (0x10000)',
      'bytes of a page': '65536 (0x10000)',
    });
    expect((await client.evaluateRequest({ expression: 'l1 * 100 + o1', context: 'hover', frameId: 0 })).body.result).toBe('309 (0x135)');
    const { variablesReference } = (await client.scopesRequest({ frameId: 0 })).body.scopes.find(({ name }) => name === 'Locals')!;
    expect((await client.setVariableRequest({ variablesReference, name: 'local 2', value: 'l2 + 100' })).body.value).toBe('105 (0x69)');
    await client.setBreakpointsRequest({ source: { sourceReference: 1 }, breakpoints: [] });
    expect((await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }, { name: 'nothing' }] })).body.breakpoints).toMatchObject([
      { verified: true },
      { verified: false },
    ]);
    const wrong = { name: 'square', hitCondition: '> 3' };
    expect((await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }, wrong] })).body.breakpoints).toMatchObject([
      { verified: true },
      { verified: false, message: expect.stringContaining('hit count') },
    ]);
    expect(await stopped(on)).toMatchObject({ reason: 'function breakpoint' });
    expect((await frames()).map(({ name }) => name)).toEqual(['square', 'sum']);
    expect(await instruction(1)).toBe('call 0');
    expect(await scope('Locals')).toEqual({ 'local 0': '4 (0x4)' });
    expect(await stopped(() => client.stepOutRequest(thread))).toMatchObject({ reason: 'step' });
    expect((await frames()).map(({ name }) => name)).toEqual(['sum']);
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square', hitCondition: '3' }] });
    expect((await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'kind i32.load', hitCondition: '1' }] })).body.breakpoints).toMatchObject([
      { verified: true },
    ]);
    await stopped(on);
    expect(await instruction()).toBe('i32.load');
    await client.setFunctionBreakpointsRequest({ breakpoints: [] });
    const terminated = client.waitForEvent('terminated', 60_000);
    const output = client.waitForEvent('output', 60_000);
    await on();
    expect((await output).body).toMatchObject({ output: expect.stringContaining('i32 130') });
    await terminated;
  }, 60_000);

  it('templates around a position are told with the bits that their holes fill, and those of a caller', async () => {
    await launched({ invoke: 'sum=5', engine });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] });
    await stopped(begin);
    await stopped(on);
    const told = async (args: object): Promise<Columns> => ((await client.send('fireball/templates', args)) as { body: Columns }).body;
    const { rows, here, ...square } = await told({});
    expect(square).toMatchObject({ frame: 0, first: 0, function: { name: 'square', index: 0, rows: rows.length } });
    expect(rows[here.wasm!]!.wasm!.text).toBe('local.get 0');
    const { template, machine } = rows.find((row) => /^mul\w* /.test(row.machine?.text ?? ''))!;
    const filled = template!.holes.flatMap(({ fields }) => fields);
    expect(filled.length).toBeGreaterThan(1);
    expect(filled.every(({ address, bits }) => address === machine!.address && bits > 0)).toBe(true);
    const caller = await told({ frameId: 1, around: 0 });
    expect(caller.function!.name).toBe('sum');
    expect(caller.rows[caller.here.wasm! - caller.first]!.wasm!.text).toBe('call 0');
    await expect(told({ frameId: 'x' })).rejects.toThrow("fireball/templates: 'frameId' has to be a whole number");
  }, 60_000);

  it('goes step by step, forwards and backwards, by wasm and by machine instruction', async () => {
    await launched({ invoke: 'sum=3', engine });
    await stopped(begin);
    const walk = async (move: () => Promise<unknown>, count: number): Promise<string[]> => {
      const seen: string[] = [];
      for (let step = 0; step < count; step++) {
        expect(['step', 'entry']).toContain((await stopped(move)).reason);
        const [frame] = await frames();
        seen.push(`${frame!.line} ${frame!.instructionPointerReference}`);
      }
      return seen;
    };
    for (const granularity of ['statement', 'instruction'] as const) {
      const there = await walk(() => client.stepInRequest({ ...thread, granularity }), 12);
      const back = await walk(() => client.stepBackRequest({ ...thread, granularity }), 11);
      expect(back).toEqual(there.slice(0, -1).reverse());
    }
    // Back over a call.
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'kind i32.store' }] });
    await stopped(on);
    const before: string[] = [];
    for (let step = 0; step < 2; step++) {
      await stopped(() => client.stepBackRequest(thread));
      before.push(`${(await frames()).length} ${await instruction()}`);
    }
    expect(before).toContain('1 call 0');
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] });
    await stopped(on);
    await stopped(on);
    expect(await scope('Locals')).toEqual({ 'local 0': '1 (0x1)' });
    await stopped(() => client.reverseContinueRequest(thread));
    expect(await scope('Locals')).toEqual({ 'local 0': '0 (0x0)' });
    expect((await stopped(() => client.reverseContinueRequest(thread))).description).toBe('history begins here');
  }, 60_000);

  it('memory is read, written and watched; instructions are listed and stopped at', async () => {
    await launched({ invoke: 'sum=4', engine });
    await stopped(begin);
    const { memoryReference } = (
      await client.variablesRequest({
        variablesReference: (await client.scopesRequest({ frameId: 0 })).body.scopes.find(({ name }) => name === 'Linear memories')!.variablesReference,
      })
    ).body.variables[0]!;
    const info = (await client.dataBreakpointInfoRequest({ name: '@8' })).body;
    expect(info.dataId).not.toBeNull();
    await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: info.dataId!, accessType: 'write' }] });
    expect(await stopped(on)).toMatchObject({ reason: 'data breakpoint' });
    const read = async (count: number): Promise<number[]> => {
      const response: DebugProtocol.ReadMemoryResponse = await client.send('readMemory', { memoryReference, offset: 0, count });
      return [...Buffer.from(response.body!.data!, 'base64')];
    };
    expect(await read(12)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0]);
    await client.send('writeMemory', { memoryReference, offset: 8, data: Buffer.from([100]).toString('base64') });
    expect((await read(12))[8]).toBe(100);
    await expect(client.send('writeMemory', { memoryReference, data: 'AQ!D' })).rejects.toThrow("'data' has to be base64, not 'AQ!D'");
    for (const move of ['next', 'stepIn', 'stepOut', 'stepBack', 'continue', 'reverseContinue'])
      await expect(client.send(move, { threadId: 99 })).rejects.toThrow('there is no thread 99');
    await client.setDataBreakpointsRequest({ breakpoints: [] });

    const [frame] = await frames();
    const { instructions } = (
      await client.disassembleRequest({ memoryReference: frame!.instructionPointerReference!, instructionOffset: -200, instructionCount: 400 })
    ).body!;
    expect(instructions).toHaveLength(400);
    const here = instructions.findIndex(({ address }) => address === frame!.instructionPointerReference);
    expect(here).toBe(200);
    const later = instructions.slice(here + 1).find(({ line }) => line !== undefined && line !== instructions[here]!.line)!;
    await client.send('setInstructionBreakpoints', { breakpoints: [{ instructionReference: later.address }] });
    expect(await stopped(on)).toMatchObject({ reason: 'instruction breakpoint' });
    expect((await frames())[0]!.instructionPointerReference).toBe(later.address);
    const terminated = client.waitForEvent('output', 60_000);
    await on();
    // The 4 of memory was made 100.
    await client.send('setInstructionBreakpoints', { breakpoints: [] });
    await on();
    expect(((await terminated) as DebugProtocol.OutputEvent).body.output).toContain('i32 110');
  }, 60_000);

  it('a trap stops it, can be gone back from, and ends it', async () => {
    await launched({ invoke: 'trap=0', engine });
    await client.setExceptionBreakpointsRequest({ filters: ['trap'] });
    await stopped(begin);
    expect(await stopped(on)).toMatchObject({ reason: 'exception', hitBreakpointIds: [expect.any(Number)] });
    await client.setExceptionBreakpointsRequest({ filters: [] });
    expect(await stopped(on)).toMatchObject({ reason: 'exception', text: expect.stringContaining('integer divide by zero') });
    expect((await client.exceptionInfoRequest(thread)).body.description).toContain('integer divide by zero');
    await stopped(() => client.reverseContinueRequest(thread));
    await stopped(on);
    const terminated = client.waitForEvent('terminated', 60_000);
    await on();
    await terminated;
  }, 60_000);

  it('what does not end is paused', async () => {
    await launched({ invoke: 'long', engine }, false);
    const paused = client.waitForEvent('stopped', 60_000);
    await begin();
    await expect(client.stackTraceRequest(thread)).rejects.toThrow('pause it first');
    await client.pauseRequest(thread);
    expect((await paused).body).toMatchObject({ reason: 'pause' });
    expect((await frames())[0]!.name).toBe('long');
  }, 60_000);

  it('the console takes the commands of the shell, and log points print', async () => {
    await launched({ invoke: 'sum=3', engine });
    await stopped(begin);
    await client.setFunctionBreakpointsRequest({ breakpoints: [] });
    const line = await lineOf('i32.store');
    await client.setBreakpointsRequest({ source: { sourceReference: 1 }, breakpoints: [{ line, logMessage: 'i is {l1}, {nonsense}' }] });
    const printed: string[] = [];
    client.on('output', ({ body }: DebugProtocol.OutputEvent) => printed.push(body.output));
    const moved = await stopped(() => client.evaluateRequest({ expression: 'ti 2', context: 'repl' }));
    expect(moved.reason).toBe('step');
    expect((await client.evaluateRequest({ expression: 'layers', context: 'repl' })).body.result).toContain('=>');
    await expect(client.evaluateRequest({ expression: 'lyers', context: 'repl' })).rejects.toThrow('layers');
    // What is no command is an expression.
    expect((await client.evaluateRequest({ expression: 'l0 + 1', context: 'repl' })).body.result).toBe('4 (0x4)');
    await expect(client.evaluateRequest({ expression: 'l0 +', context: 'repl' })).rejects.toThrow('a value is missing');
    expect(((await client.send('setExpression', { expression: 'g0', value: '0x11' })) as DebugProtocol.SetExpressionResponse).body.value).toBe('17 (0x11)');
    expect((await client.evaluateRequest({ expression: 'g0', context: 'watch' })).body.result).toBe('17 (0x11)');
    const terminated = client.waitForEvent('terminated', 60_000);
    await on();
    await terminated;
    expect(printed.filter((text) => text.startsWith('i is'))).toEqual([0, 1, 2].map((i) => expect.stringContaining(`i is ${i}, {`)));
    await expect(client.nextRequest(thread)).rejects.toThrow('the program has ended');
    await expect(client.stepBackRequest(thread)).rejects.toThrow('stopOnExit');
  }, 60_000);
});

it.each(targets)(
  'in mixed mode on %s, a breakpoint by line holds while its function is compiled, and frames go through both',
  async (isa) => {
    await launched({ invoke: 'sum=300', engine: `vsoc-${isa}` });
    expect((await textOf()).filter((line) => line.startsWith('(func $square'))).toHaveLength(1);
    const line = await lineOf('i32.mul');
    expect(
      (await client.setBreakpointsRequest({ source: { sourceReference: 1 }, breakpoints: [{ line, condition: 'o0 == 0 || o0 == 250' }] })).body.breakpoints,
    ).toMatchObject([{ verified: true, line }]);
    await stopped(begin);
    const seen: unknown[] = [];
    for (const move of [on, on, () => client.reverseContinueRequest(thread), on]) {
      expect((await stopped(move)).reason).toBe('breakpoint');
      const both = await frames();
      seen.push([both.map(({ name }) => name), both[0]!.line, await scope('Operand stack')]);
    }
    const at = (value: string): unknown => [['square', 'sum'], line, { 'operand 0': value, 'operand 1': value }];
    expect(seen).toEqual(['0 (0x0)', '250 (0xfa)', '0 (0x0)', '250 (0xfa)'].map(at));
  },
  60_000,
);

const firmware = (path: string): string => fileURLToPath(new URL(`../firmware/${path}`, import.meta.url));

it('firmware on a board is followed by the lines of its sources and by machine instructions', async () => {
  await launched({ program: firmware('debug/sample-thumb2.elf'), board: 'mps2-an386' });
  expect((await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'square' }] })).body.breakpoints).toMatchObject([{ verified: true }]);
  await stopped(begin);
  expect(await stopped(on)).toMatchObject({ reason: 'function breakpoint' });
  const [top] = await frames();
  await stopped(() => client.stepInRequest({ ...thread, granularity: 'instruction' }));
  await stopped(() => client.stepBackRequest({ ...thread, granularity: 'instruction' }));
  expect((await frames())[0]!.instructionPointerReference).toBe(top!.instructionPointerReference);
  const path = firmware('debug/sample.c');
  await client.setFunctionBreakpointsRequest({ breakpoints: [] });
  expect((await frames()).slice(0, 2)).toMatchObject([{ source: { path } }, { source: { path }, line: 28 }]);
  expect((await client.setBreakpointsRequest({ source: { path }, breakpoints: [{ line: 29 }, { line: 32 }] })).body.breakpoints).toMatchObject([
    { verified: true, line: 29 },
    // Its code belongs to another line.
    { verified: true, line: 33 },
  ]);
  const lines: number[] = [];
  for (const move of [on, () => client.nextRequest(thread), () => client.stepBackRequest(thread), () => client.stepBackRequest(thread)]) {
    await stopped(move);
    lines.push((await frames())[0]!.line);
  }
  expect(lines).toEqual([29, 30, 29, 28]);
}, 60_000);

it('firmware has no scopes of a module, but devices, whose registers are read without an effect and can be watched; its instructions are listed', async () => {
  await launched({ program: firmware('images/netduino2/hello.elf'), board: 'netduino2' });
  await stopped(begin);
  expect((await client.scopesRequest({ frameId: 0 })).body.scopes.map(({ name }) => name)).toEqual(['Registers', 'Devices']);
  const devices = await scopeReference('Devices');
  const completions = (await client.completionsRequest({ frameId: 0, text: 'break device usart1.D', column: 22 })).body.targets;
  expect(completions).toEqual([{ label: 'usart1.DR', start: 14, length: 8 }]);
  const clocks = await inside(devices, 'rcc');
  expect(clocks.variables['CR']).toMatch(/^0x[\da-f]{8}$/);
  expect((await inside(clocks.reference, 'CR')).variables).toMatchObject({ HSION: '1 (0x1)' });
  const serial = await inside(devices, 'usart1');
  expect(serial.variables['DR']).toBe('not read: that may have an effect');
  await expect(client.variablesRequest({ variablesReference: serial.reference + 1000 })).rejects.toThrow('there are no variables');
  const { dataId } = (await client.dataBreakpointInfoRequest({ variablesReference: serial.reference, name: 'DR' })).body;
  await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: dataId!, accessType: 'write' }] });
  expect(await stopped(on)).toMatchObject({ reason: 'data breakpoint', description: expect.stringContaining('write of') as unknown });

  const [{ instructionPointerReference: pc, name }] = (await frames()) as [DebugProtocol.StackFrame];
  const instructions = await disassembled(pc!, -50, 100);
  expect(instructions).toHaveLength(100);
  expect(instructions[50]).toMatchObject({ address: pc });
  expect(instructions.filter(({ symbol }) => symbol !== undefined && name.startsWith(symbol))).toHaveLength(1);
  expect(await disassembled('0xffffff00', -1, 3)).toMatchObject(
    ['0xfffffefe', '0xffffff00', '0xffffff02'].map((address) => ({ address, presentationHint: 'invalid' })),
  );
}, 60_000);

it('an SVD file names registers of devices and their fields, and adds those that the board does not have', async () => {
  const registers = `<registers><register><name>CR</name><addressOffset>4</addressOffset><resetValue>0x83</resetValue><fields>
    <field><name>ON</name><bitOffset>0</bitOffset></field><field><name>MODE</name><bitRange>[8:7]</bitRange></field></fields></register></registers>`;
  const svd = join(folder, 'chip.svd');
  writeFileSync(
    svd,
    `<device><name>CHIP</name><peripherals><peripheral><name>CLOCK</name><baseAddress>0x4f000000</baseAddress>${registers}</peripheral></peripherals></device>`,
  );
  await launched({ program: firmware('images/mps2-an385/hello.elf'), board: 'mps2-an385', svd });
  await stopped(begin);
  const clock = await inside(await scopeReference('Devices'), 'CLOCK');
  expect(clock.variables).toEqual({ CR: '0x00000083' });
  expect((await inside(clock.reference, 'CR')).variables).toEqual({ ON: '1 (0x1)', MODE: '1 (0x1)' });
}, 60_000);

it('what a WASI program prints is output, with its arguments', async () => {
  const hello = join(folder, 'hello.wat');
  writeFileSync(
    hello,
    `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\07\\00\\00\\00") (data (i32.const 16) "hello \\0a")
    (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64)))))`,
  );
  await launched({ program: hello, args: ['a'] }, false);
  const said: string[] = [];
  client.on('output', ({ body }: DebugProtocol.OutputEvent) => {
    if (body.category === 'stdout') said.push(body.output);
  });
  const terminated = client.waitForEvent('terminated', 60_000);
  await begin();
  await terminated;
  expect(said.join('')).toBe('hello \n');
}, 60_000);

describe('launch configurations', () => {
  it.each([
    [{ program: '/nowhere/x.wasm' }, 'no such file'],
    [{ programm: 'x' }, 'did you mean program'],
    [{ invoke: 'smu=1' }, 'sum'],
    [{ engine: 'thumb' }, 'thumb2'],
    [{ sandbox: 'yes' }, 'true or false'],
    [{ fuel: 0 }, 'at least 1'],
    [{ program: 7 }, 'program'],
    [{ stopOnEntry: 'no' }, 'true or false'],
  ])(
    '%j is refused with words',
    async (configuration, words) => {
      await connected();
      await client.initializeRequest();
      const whole: object = { program, invoke: 'sum=1', ...configuration };
      const refused = client.launchRequest(whole);
      await expect(refused).rejects.toThrow(words);
    },
    30_000,
  );
});

describe('clients that misbehave', () => {
  /** Sends bytes, and gives back what came until the adapter closed the connection, has said `last`, or, without it, has been silent for a while. */
  const talk = (bytes: Buffer, last?: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(adapter.port, '127.0.0.1');
      let heard = '';
      socket.on('data', (piece) => {
        heard += String(piece);
        if (last !== undefined && heard.includes(last)) socket.destroy();
      });
      // It is dropped where more comes than is wanted.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve(heard);
      });
      socket.setTimeout(last === undefined ? 300 : 20_000, () => socket.destroy());
      socket.write(bytes);
    });
  const message = (value: unknown): Buffer => {
    const json = Buffer.from(JSON.stringify(value));
    return Buffer.concat([Buffer.from(`Content-Length: ${json.length}\r\n\r\n`), json]);
  };

  const perConnection = 400;
  /** DAP_REQUESTS takes more, DAP_SEED others. */
  const requests = Number.parseInt(process.env['DAP_REQUESTS'] ?? '400', 10);

  afterEach(async () => {
    // It serves the next one.
    await launched({ invoke: 'sum=1' });
  });

  it.each([
    ['a length beyond all bounds', Buffer.from('Content-Length: 99999999999\r\n\r\n')],
    ['a length that is none', Buffer.from('Content-Length: x\r\n\r\n{}')],
    ['a header without end', Buffer.alloc(100_000, 65)],
    ['no JSON', Buffer.from('Content-Length: 3\r\n\r\n{{{')],
    ['half of a message', Buffer.from('Content-Length: 300\r\n\r\n{"seq"')],
    ['no object', message(null)],
    ['no request', message([1, 2])],
  ])(
    '%s',
    async (_, bytes) => {
      expect(await talk(bytes)).not.toMatch(/\.js:\d|\bat .*\(/);
    },
    30_000,
  );

  it(
    'requests with anything for arguments are refused with words, never with a stack',
    async () => {
      const random = new Random(Number.parseInt(process.env['DAP_SEED'] ?? '7', 10) % 0x7fffffff);
      const junk = [undefined, null, 0, -1, 1e300, '', 'x', '0x10010', [], [null], {}, { line: 'x' }, true];
      const commands = [
        'initialize',
        'launch',
        'attach',
        'setBreakpoints',
        'setFunctionBreakpoints',
        'setInstructionBreakpoints',
        'setExceptionBreakpoints',
        'dataBreakpointInfo',
        'setDataBreakpoints',
        'breakpointLocations',
        'configurationDone',
        'stackTrace',
        'scopes',
        'variables',
        'setExpression',
        'evaluate',
        'completions',
        'source',
        'disassemble',
        'readMemory',
        'writeMemory',
        'next',
        'stepIn',
        'stepOut',
        'stepBack',
        'pause',
        'toString',
        'nothing',
      ];
      const fields =
        'breakpoints line source name frameId variablesReference expression memoryReference instructionCount count offset data program granularity filters filterOptions levels'.split(
          ' ',
        );
      const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
      const messages = Array.from({ length: requests }, (_, seq) => {
        const args = random.chance(25) ? pick(junk) : Object.fromEntries(Array.from({ length: random.below(4) }, () => [pick(fields), pick(junk)]));
        return message({ seq: seq + 1, type: 'request', command: pick(commands), arguments: args });
      });
      const start = [message({ seq: 9000, type: 'request', command: 'launch', arguments: { program, invoke: 'sum=3' } })];
      const end = message({ seq: 9999, type: 'request', command: 'threads' });
      for (let from = 0; from < requests; from += perConnection) {
        const heard = await talk(Buffer.concat([...start, ...messages.slice(from, from + perConnection), end]), '"request_seq":9999');
        // One client at a time: the one before has left then.
        await setTimeout(100);
        expect(heard).toContain('"success":false');
        expect(heard).not.toMatch(/\.js:\d|a bug in fireball/);
      }
    },
    60_000 + 20 * requests,
  );
});

it('speaks on standard input and output too, and ends with its client', async () => {
  const child = spawn(process.execPath, [main, 'debug', '--dap'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const send = (seq: number, command: string, args: object): void => {
    const json = JSON.stringify({ seq, type: 'request', command, arguments: args });
    child.stdin.write(`Content-Length: ${json.length}\r\n\r\n${json}`);
  };
  send(1, 'initialize', { adapterID: 'fireball', pathFormat: 'path' });
  send(2, 'launch', { program, invoke: 'sum=3', engine: 'rv32' });
  send(3, 'configurationDone', {});
  send(4, 'disconnect', {});
  let heard = '';
  child.stdout.on('data', (piece) => (heard += String(piece)));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(0);
  expect(heard).toContain('"event":"initialized"');
  expect(heard).toContain('"command":"disconnect"');
}, 30_000);
