/** Programs are debugged with their input and output: both happen once, however often their past is gone through. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Session } from '@fireball/debugger';
import { assembleText, createHost, debugCall, decodeInput, engines, ProgramInput } from '@fireball/engines';
import { fireball } from './testing/fireball.js';

/** Reads up to three bytes at a time, writes each that is not a digit twice, and ends with the number of bytes as its status. */
const text = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (global $total (mut i32) (i32.const 0))
  (data (i32.const 0) "\\40\\00\\00\\00\\03\\00\\00\\00")
  (func $twice (param i32)
    (i32.store8 (i32.const 96) (local.get 0)) (i32.store8 (i32.const 97) (local.get 0))
    (i32.store (i32.const 16) (i32.const 96)) (i32.store (i32.const 20) (i32.const 2))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32))))
  (func (export "_start") (local $n i32) (local $i i32)
    (loop $again
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $n (i32.load (i32.const 8)))
      (if (i32.eqz (local.get $n)) (then (call $exit (global.get $total))))
      (global.set $total (i32.add (global.get $total) (local.get $n)))
      (local.set $i (i32.const 0))
      (loop $bytes
        (call $twice (i32.load8_u offset=64 (local.get $i)))
        (br_if $bytes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (br $again))))`;
const input = 'hello, input';
const output = input.replace(/./g, '$&$&');

it.each(engines.filter(({ vsoc }) => vsoc !== undefined))('on $name', async ({ vsoc }) => {
  const loaded = decodeInput('twice.wat', await assembleText('twice.wat', text));
  let written = '';
  let reads = 0;
  const world = () => {
    let at = 0;
    const host = createHost({
      args: [],
      seed: 1,
      stdin: (bytes) => {
        reads++;
        const part = Buffer.from(input).subarray(at, at + bytes.length);
        bytes.set(part);
        at += part.length;
        return part.length;
      },
      stdout: (bytes) => {
        written += Buffer.from(bytes).toString();
      },
    });
    return { host };
  };
  const { target, code } = debugCall(loaded, vsoc!, { fuel: 100_000, maxPages: 2, hot: [4, 8], compileCost: 8 }, '_start', [], world);
  const session = new Session(target, code, { spacing: 500, denseSpacing: 50, share: Infinity });
  const total = (): Uint8Array | undefined => target.peek(code.globals[0]!.address, 1);
  expect(await session.resume()).toEqual({ why: 'exit', status: input.length });
  expect([written, reads, target.exitStatus, total()]).toEqual([output, 5, input.length, Uint8Array.of(input.length)]);
  const end = target.instructions;
  session.goTo(0);
  expect(total()).toEqual(Uint8Array.of(0));
  // The host's writes to memory are found like those of the guest: the second time that three bytes were read.
  const buffer = code.memories[0]! + 64;
  session.goTo(end);
  for (const letters of ['put', ' in', 'lo,', 'hel']) {
    expect(await session.lastWrite(buffer, 3)).toBe('instruction');
    session.history.goTo(target.instructions + 1);
    expect(Buffer.from(target.peek(buffer, 3)!).toString()).toBe(letters);
    session.history.stepBack();
  }
  session.goTo(0);
  expect(await session.resume()).toEqual({ why: 'exit', status: input.length });
  expect([written, reads, target.instructions]).toEqual([output, 5, end]);
  target.reset();
  expect(target.run(Infinity)).toEqual({ why: 'exit', status: input.length });
  expect(written).toBe(output + output);
  target.close();
});

it.each(engines.filter(({ vsoc }) => vsoc !== undefined))('on $name, typed while it waits', async ({ vsoc }) => {
  const loaded = decodeInput('twice.wat', await assembleText('twice.wat', text));
  let written = '';
  const world = () => {
    const typed = new ProgramInput();
    const host = createHost({
      args: [],
      seed: 1,
      stdin: typed.read,
      stdout: (bytes) => {
        written += Buffer.from(bytes).toString();
      },
    });
    return { host, input: typed };
  };
  const { target, code } = debugCall(loaded, vsoc!, { fuel: 100_000, maxPages: 2, hot: [4, 8], compileCost: 8 }, '_start', [], world);
  const session = new Session(target, code, { spacing: 500, denseSpacing: 50, share: Infinity });
  const state = (): string => {
    const hash = createHash('sha1');
    for (const { base, size } of target.memoryMap()) hash.update(target.peek(base, size)!);
    return [target.instructions, ...target.registers.map(({ name }) => target.readRegister(name)), hash.digest('hex')].join(' ');
  };
  const waits: string[] = [];
  const type = (bytes: Uint8Array | 'end'): void => {
    target.inputs!.give('stdin', bytes);
    session.wrote('input');
  };
  for (const part of ['hel', 'lo', ', input']) {
    expect(await session.resume()).toEqual({ why: 'asleep' });
    waits.push(state());
    type(Buffer.from(part));
    // Nothing has happened yet: what is typed waits until it is read.
    expect(state()).toBe(waits.at(-1));
  }
  expect(await session.resume()).toEqual({ why: 'asleep' });
  const last = target.instructions;
  waits.push(state());
  // Back from where it waits, and there again, where it still does.
  for (let left = 0; left < 5; left++) session.stepBack('machine');
  for (let left = 0; left < 5; left++) session.step('machine');
  expect([state(), await session.resume()]).toEqual([waits.at(-1), { why: 'asleep' }]);
  expect(() => {
    session.goTo(Number(waits[1]!.split(' ')[0]) - 5);
    type(Buffer.from('!'));
  }).toThrow('the host has done something after this moment');
  session.goTo(last);
  type('end');
  expect(await session.resume()).toEqual({ why: 'exit', status: input.length });
  const { instructions } = target;
  const end = state();
  expect(written).toBe(output);
  for (const wait of waits.toReversed()) {
    // The position is the one behind the input.
    const count = Number(wait.split(' ')[0]);
    session.goTo(count + 3);
    const behind = state();
    session.goTo(0);
    session.goTo(count + 3);
    expect(state()).toBe(behind);
  }
  expect(await session.resume()).toEqual({ why: 'exit', status: input.length });
  expect([state(), target.instructions, written]).toEqual([end, instructions, output]);
  target.close();
});

it('on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fireball-program-'));
  try {
    const [program, read] = [join(folder, 'twice.wat'), join(folder, 'input')];
    writeFileSync(program, text);
    writeFileSync(read, input);
    const commands = ['b twice', 'c', 'c', 'rc', 'c', 'delete 1', 'c'].flatMap((command) => ['-e', command]);
    const { status, stdout } = fireball(['debug', program, '--input', read, '--batch', ...commands, '--', 'one', 'two']);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`the program has ended with status ${input.length}`)]);
    expect(stdout.match(/hh/g)).toHaveLength(1);
    const typed = ['c', 'type hello', 'c', String.raw`type \x21\n`, 'type-end', 'c'].flatMap((command) => ['-e', command]);
    const waiting = fireball(['debug', program, '--batch', ...typed]);
    expect([waiting.status, waiting.stdout]).toEqual([0, expect.stringMatching(/it waits, and only input.*after \d+.*status 7/s)]);
    expect(waiting.stdout).toContain('hheelllloo');
    expect(fireball(['debug', program, '--invoke', 'nothing', '--batch', '--', 'one']).status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
