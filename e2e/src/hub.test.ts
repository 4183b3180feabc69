/** Several front ends on one session take turns, and each is told what the others did. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Hub, Session, Shell, type FrontEnd } from '@fireball/debugger';
import { debugCall, loadModule, type LoadedModule } from '@fireball/engines';
import { targets } from './testing/native.js';

const text = `(module (memory 1) (global $g (mut i32) (i32.const 0))
  (func (export "sum") (param i32) (result i32)
    (loop (global.set $g (i32.add (global.get $g) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (global.get $g))
  (func (export "long") (loop (br 0))))`;

let folder: string;
let loaded: LoadedModule;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-hub-'));
  writeFileSync(join(folder, 'sum.wat'), text);
  loaded = await loadModule(join(folder, 'sum.wat'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(targets)('on %s', (isa) => {
  let hub: Hub;
  let heard: string[];
  let one: FrontEnd;
  let other: FrontEnd;
  const joined = (name: string): FrontEnd =>
    hub.join(name, {
      running: (by) => heard.push(`${name}: ${by.name} runs it`),
      stopped: (stop, by) => heard.push(`${name}: ${stop.why} by ${by.name}`),
      breakpointsChanged: (by) => heard.push(`${name}: breakpoints by ${by.name}`),
      stateChanged: (by) => heard.push(`${name}: state by ${by.name}`),
      output: (bytes) => heard.push(`${name}: says ${String(Buffer.from(bytes))}`),
      ended: () => heard.push(`${name}: ended`),
    });
  const open = async (entry: string, given: readonly number[]): Promise<void> => {
    const args = given.map((value) => ({ type: 'i32' as const, value }));
    const { target, code } = debugCall(
      loaded,
      { isa, tier: 'compiled' },
      { cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc', fuel: 10 ** 12, maxPages: 8 },
      entry,
      args,
    );
    const session = new Session(target, code);
    hub = await Hub.open((output) => {
      output(Buffer.from('too early for anybody'));
      return {
        name: entry,
        session,
        shell: new Shell(session, () => 'over'),
        opening: '',
        outcome: () => 'over',
        close: () => {
          target.close();
        },
      };
    });
    one = joined('one');
    other = joined('other');
  };
  beforeEach(() => {
    heard = [];
  });
  afterEach(() => hub.end());

  it('steps, breakpoints and writes of one are told to both', async () => {
    await open('sum', [3]);
    expect(await one.move((session) => session.step('machine'))).toEqual({ why: 'step' });
    await other.execute('break kind global.set');
    await other.execute('continue');
    await one.execute('where');
    await one.execute('set g0 = 5');
    await one.adjust(({ session }) => {
      session.breakpoints.remove(1);
    });
    expect(heard).toEqual(
      ['step by one', 'breakpoints by other', 'breakpoint by other', 'state by one', 'breakpoints by one'].flatMap((what) => [
        `one: ${what}`,
        `other: ${what}`,
      ]),
    );
    one.leave();
    await other.move((session) => session.resume());
    expect(heard.slice(10)).toEqual(['other: exit by other']);
  });

  it('tasks take turns, and fail alone', async () => {
    await open('sum', [3]);
    const order: string[] = [];
    await Promise.all([
      one.perform(async () => {
        order.push('a');
        await setImmediate();
        order.push('b');
      }),
      expect(
        other.perform(() => {
          throw new RangeError('no');
        }),
      ).rejects.toThrow('no'),
      other.perform(() => order.push('c')),
    ]);
    expect(order).toEqual(['a', 'b', 'c']);
    expect(heard).toEqual([]);
  });

  it('a look that takes long moves nothing, is told to nobody, and leaves the selected frame as it is', async () => {
    await open('sum', [3]);
    await one.execute('break kind global.set');
    await one.execute('continue');
    heard.length = 0;
    const { scope } = hub.debuggee.shell;
    scope.frame = 1;
    expect(await other.perform(() => setTimeout(100, 'seen'))).toBe('seen');
    expect({ frame: scope.frame, heard }).toEqual({ frame: 1, heard: [] });
    await other.execute('stepi');
    expect({ frame: scope.frame, heard }).toEqual({ frame: 0, heard: ['one: step by other', 'other: step by other'] });
  });

  it('what one runs for long is told, and can be paused by the other', async () => {
    await open('long', []);
    one.interrupt();
    const run = one.move((session) => session.resume());
    while (heard.length === 0) await setTimeout(10);
    expect(heard).toEqual(['one: one runs it', 'other: one runs it']);
    const late = other.perform(() => heard.length);
    other.interrupt();
    expect(await run).toEqual({ why: 'interrupted' });
    expect(heard.slice(2)).toEqual(['one: interrupted by one', 'other: interrupted by one']);
    expect(await late).toBe(4);
  });

  it('ends for all, in the middle of a run too, and what comes later is refused', async () => {
    await open('long', []);
    const run = one.move((session) => session.resume());
    await setTimeout(10);
    await hub.end();
    expect(await run).toEqual({ why: 'interrupted' });
    await hub.ended;
    expect(heard.filter((what) => what.endsWith('ended'))).toEqual(['one: ended', 'other: ended']);
    await expect(other.perform(() => 0)).rejects.toThrow('the session is over');
  });

  it('quit ends it, in the words of the shell', async () => {
    await open('sum', [3]);
    await one.execute('quit');
    expect(heard).toEqual(['one: ended', 'other: ended']);
  });
});
