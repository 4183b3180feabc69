import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boardNames, loadBoard } from '../board-file.js';
import type { DeviceBench } from '../testing/device-bench.js';
import { copyState } from '../machine/plain-state.js';
import { accessOf, benchOf, doPoke, pokes } from '../testing/pokes.js';

const numRuns = Number(process.env['DEVICE_POKES'] ?? 24);

describe.each(boardNames())('%s', (name) => {
  it('has no register whose value breaks a device, or makes it go on for ever', async () => {
    const loaded = await loadBoard(name);
    fc.assert(
      fc.property(fc.nat(), pokes, (own, list) => {
        const bench = benchOf(loaded);
        for (const poke of list) {
          const got = doPoke(bench, loaded, own, poke);
          if (got !== undefined) expect(Number.isInteger(got) && got >= 0 && got < 2 ** (poke.size * 8)).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it('has no device that knows more than its state: what another board takes over from it goes on in the same way', async () => {
    const loaded = await loadBoard(name);
    const serial = loaded.board.console;
    const pins = pinsOf(benchOf(loaded));
    fc.assert(
      fc.property(fc.nat(), pokes, pokes, fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 4 }), (own, before, after, levels) => {
        const [first, second] = [benchOf(loaded), benchOf(loaded)];
        const act = (bench: DeviceBench, list: typeof before): unknown[] => {
          const heard: unknown[] = [];
          if (serial !== undefined) bench.machine.serial(serial).onOutput = (byte) => heard.push(`sent ${byte}`);
          for (const [index, poke] of list.entries()) {
            heard.push(doPoke(bench, loaded, own, poke));
            const [pin = 0, level] = levels[index] ?? [];
            if (level !== undefined && pins.length > 0) bench.machine.pin(pins[pin % pins.length] ?? '').set(level);
          }
          return heard;
        };
        if (serial !== undefined) first.machine.serial(serial).type('typed');
        act(first, before);
        second.machine.restore(first.machine.save());
        expect(act(second, after)).toEqual(act(first, after));
        const [expected, got] = [first.machine.save().state, second.machine.save().state];
        // Jest compares the large arrays of some devices slowly.
        if (!isDeepStrictEqual(got, expected)) expect(got).toEqual(expected);
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });
});

/** Time up to the next timer, at most this much. */
const longPause = 100_000;

describe.each(boardNames())('a register of %s that says that it is steady, or can be looked at', (name) => {
  it('reads the same again, as a debugger has seen it, with no effect, until something happens', async () => {
    const loaded = await loadBoard(name);
    let steady = 0;
    let seen = 0;
    fc.assert(
      fc.property(fc.nat(), pokes, (own, list) => {
        const bench = benchOf(loaded);
        const { machine } = bench;
        for (const poke of list) {
          const at = accessOf(loaded, own, poke);
          const device = machine.device(at.device);
          const unread = copyState(device.state);
          const peeked = device.peek?.(at.offset, poke.size);
          if (!isDeepStrictEqual(device.state, unread)) expect(device.state).toEqual(unread);
          if (peeked !== undefined) {
            seen++;
            expect({ ...at, value: bench.read(at.device, at.offset, poke.size) }).toEqual({ ...at, value: peeked });
            if (!isDeepStrictEqual(device.state, unread)) expect(device.state).toEqual(unread);
          }
          const value = doPoke(bench, loaded, own, { ...poke, pass: 0 });
          if (value !== undefined && device.isSteady?.(at.offset, value) === true) {
            steady++;
            const before = copyState(device.state);
            const { now, next } = machine.timeline;
            if (next > now + 1) bench.pass(Math.min(longPause, next - now - 1));
            expect({ ...at, value: bench.read(at.device, at.offset, poke.size) }).toEqual({ ...at, value });
            if (!isDeepStrictEqual(device.state, before)) expect(device.state).toEqual(before);
          }
          if (poke.pass > 0) bench.pass(poke.pass);
        }
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
    expect(steady).toBeGreaterThan(0);
    expect(seen).toBeGreaterThan(0);
  });
});

function pinsOf({ machine }: DeviceBench): string[] {
  return Object.keys(machine.save().state.pins);
}
