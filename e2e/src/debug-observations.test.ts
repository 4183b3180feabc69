/** What a debugger sees besides code and values: code memory, the compile queue and pins, there and back. */
import { describe, expect, it } from '@jest/globals';
import type { CodeBlock, PinChange } from '@fireball/contracts';
import { Session } from '@fireball/debugger';
import { createProcessor, loadBoard, Machine, MachineTarget } from '@fireball/emulator';
import { assembleText, debugCall, decodeInput } from '@fireball/engines';
import { targets } from './testing/native.js';

const text = `(module
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (call $square (local.get 0))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

const sealed = (blocks: readonly CodeBlock[] = []): number => blocks.filter(({ state }) => state === 'sealed').length;

describe.each(targets)('on %s', (isa) => {
  const open = async (tier: 'mixed' | 'compiled') => {
    const loaded = decodeInput('observed.wat', await assembleText('observed.wat', text));
    const args = [{ type: 'i32', value: 300 } as const];
    return debugCall(loaded, { isa, tier }, { fuel: 1_000_000, maxPages: 1, hot: [6, 20], compileCost: 12 }, 'run', args);
  };

  it('the code cache fills, as meters and code memory say, and was empty before', async () => {
    const { target, code } = await open('mixed');
    const session = new Session(target, code);
    expect(sealed(target.codeMemory().blocks)).toBe(0);
    expect(await session.resume()).toEqual({ why: 'exit', status: 0 });
    const end = target.codeMemory();
    const { meters, samples } = target.meters()!;
    const last = Object.fromEntries(meters.map(({ name }, index) => [name, samples.at(-1)!.values[index]!]));
    expect(last).toMatchObject({ waiting: 0, 'being compiled': 0, code: sealed(end.blocks) * end.blockBytes, room: end.blocks.length * end.blockBytes });
    expect(last['native now']).toBeGreaterThan(0);
    expect(samples.map(({ values }) => values[meters.findIndex(({ name }) => name === 'being compiled')])).toContain(1);
    expect(samples.map(({ count }) => count)).toEqual([...new Set(samples.map(({ count }) => count))].sort((a, b) => a - b));
    session.goTo(10);
    expect(sealed(target.codeMemory().blocks)).toBe(0);
    // The host does not go back.
    expect(target.meters()!.samples).toEqual(samples);
    session.goTo(Infinity);
    expect(target.codeMemory()).toEqual(end);
    target.close();
  });

  it('what a bus master writes into code is dirty, and stale until it is flushed', async () => {
    const { target, code } = await open('compiled');
    const { codeMemory } = target.vsoc;
    const { begin } = code.functions[0]!;
    const before = target.codeMemory();
    expect(target.meters()).toBeUndefined();
    expect(before.blocks.some(({ isDirty, staleLines }) => isDirty || staleLines.length > 0)).toBe(false);
    codeMemory.writePhysical(begin, Uint8Array.of(1, 2, 3, 4));
    const blockOf = (): CodeBlock => target.codeMemory().blocks.find(({ address }) => begin >= address && begin < address + before.blockBytes)!;
    expect(blockOf()).toMatchObject({ state: 'sealed', isDirty: true, staleLines: [begin] });
    codeMemory.flush(begin, before.lineBytes);
    expect(blockOf().staleLines).toEqual([]);
    target.close();
  });
});

async function machineOf(name: string): Promise<Machine> {
  const { board, deviceClass } = await loadBoard(name);
  const machine = new Machine({ board, createProcessor, deviceClass });
  machine.reset();
  return machine;
}

describe('of a machine', () => {
  it('pins are recorded once, however often the past is gone through, and anew where somebody has written', async () => {
    const machine = await machineOf('netduino2');
    const target = new MachineTarget(machine);
    // movs r0, #1; lsls r0, r0, #10; str r0, [r1] (MODER: 5 is an output); movs r2, #32; str r2, [r1, #20]; movs r3, #0; str r3, [r1, #20]; b back to the second str
    const program = Uint8Array.of(0x01, 0x20, 0x80, 0x02, 0x08, 0x60, 0x20, 0x22, 0x4a, 0x61, 0x00, 0x23, 0x4b, 0x61, 0xfb, 0xe7);
    // RCC's AHB1ENR: the port has a clock.
    machine.bus.write(0x4002_3830, 4, 1);
    target.poke(0x2000_0000, program);
    target.writeRegister('pc', 0x2000_0001n);
    target.writeRegister('r1', 0x4002_0000n);
    const start = target.snapshots.save();
    target.pins();
    const changesOf = (): readonly PinChange[] => target.pins().pins.find(({ name }) => name === 'gpioa.5')!.changes;
    target.run(20);
    const changes = structuredClone(changesOf());
    const levels = [false, true, false, true, false, true, false, true, false];
    // Four instructions are executed when the first one comes that writes it, then every other one does.
    const counts = [0, 4, 6, 8, 10, 12, 14, 16, 18];
    expect(changes.map(({ level, count }) => ({ level, count }))).toEqual(
      levels.map((level, index) => ({ level, count: start.instructions + counts[index]! })),
    );
    target.snapshots.restore(start);
    target.run(7);
    target.run(13);
    expect(changesOf()).toEqual(changes);
    target.snapshots.restore(start);
    target.run(8);
    target.writeRegister('r2', 0n);
    target.run(12);
    expect(changesOf()).toEqual(changes.slice(0, 3));
    machine.close();
  });
});
