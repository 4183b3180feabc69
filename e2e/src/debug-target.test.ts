/** Stops of a debugger change nothing of what firmware does, on every board, in interrupts too. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { TargetStop } from '@fireball/contracts';
import { boardNames, createProcessor, loadBoard, Machine, MachineTarget } from '@fireball/emulator';
import { ProgramSymbols, readImage, type FirmwareImage } from '@fireball/image';
import { hashOfRam } from './testing/machines.js';

const imageOf = (board: string): string => fileURLToPath(new URL(`../../e2e/firmware/images/${board}/interrupts.elf`, import.meta.url));
const rows = boardNames().filter((board) => existsSync(imageOf(board)));
const symbolOfFunction = 2;

interface Opened {
  readonly target: MachineTarget;
  readonly image: FirmwareImage;
  readonly symbols: ProgramSymbols;
}

async function open(name: string): Promise<Opened> {
  const { board, deviceClass } = await loadBoard(name);
  const machine = new Machine({ board, createProcessor, deviceClass });
  machine.processor.onSemihosting = (operation) => (operation === 0x18 || operation === 0x20 ? { exit: 0 } : { result: 0 });
  const image = readImage(readFileSync(imageOf(name)));
  machine.load(image);
  machine.reset();
  return { target: new MachineTarget(machine), image, symbols: new ProgramSymbols([image]) };
}

/** Goes on from a stop, at most `slice` instructions at once, to the next one or the end. */
function resume({ target }: Opened, slice = Infinity): TargetStop {
  target.stops.pass(target.pc);
  for (;;) {
    const stop = target.run(slice);
    if (stop.why !== 'count' || target.instructions > 20_000_000) return stop;
  }
}

function ended({ target }: Opened): { readonly instructions: number; readonly ram: string } {
  return { instructions: target.instructions, ram: hashOfRam(target.machine) };
}

describe.each(rows)('on %s', (name) => {
  it('a program with breakpoints at all its functions and a watched variable ends as without, in any slices', async () => {
    const plain = await open(name);
    expect(resume(plain)).toMatchObject({ why: 'exit' });
    const histories: string[][] = [];
    for (const slice of [Infinity, 777]) {
      const opened = await open(name);
      const { target, image } = opened;
      const functions = image.symbols.filter(({ type, section }) => type === symbolOfFunction && section !== 0).map(({ value }) => value - (value % 2));
      for (const address of functions) target.stops.breakpoint(address, true);
      const variable = image.symbols.find(({ type, size }) => type === 1 && size >= 4)!;
      target.stops.watch(variable.value, 4, 'write');
      const history: string[] = [];
      let stop: TargetStop;
      do {
        stop = resume(opened, slice);
        history.push(`${stop.why} ${target.pc.toString(16)} ${target.instructions}`);
        if (stop.why === 'breakpoint') expect(functions).toContain(target.pc);
      } while (stop.why === 'breakpoint' || stop.why === 'watchpoint');
      expect(stop).toMatchObject({ why: 'exit' });
      expect(ended(opened)).toEqual(ended(plain));
      histories.push(history);
      target.machine.close();
    }
    plain.target.machine.close();
    expect(histories[1]).toEqual(histories[0]);
    expect(histories[0]!.length).toBeGreaterThan(20);
  }, 60_000);

  it('registers and memory can be read and written, and single steps come where breakpoints are', async () => {
    const opened = await open(name);
    const { target, symbols } = opened;
    const main = symbols.addressOf('main')!;
    target.stops.breakpoint(main, true);
    expect(resume(opened)).toEqual({ why: 'breakpoint' });
    expect(target.pc).toBe(main);
    target.stops.pass(main);
    const before = target.instructions;
    expect(target.run(1)).toEqual({ why: 'count' });
    expect([target.instructions, target.pc === main]).toEqual([before + 1, false]);
    const general = target.registers.filter(({ name: register, group }) => group === 'general' && !/^(zero|pc|sp|xpsr)$/.test(register));
    for (const { name: register, bits } of general) {
      const kept = target.readRegister(register);
      const value = BigInt.asUintN(bits, 0x1234_5678_9abc_def0n);
      target.writeRegister(register, value);
      expect(target.readRegister(register)).toBe(value);
      target.writeRegister(register, kept);
    }
    // An instruction that is changed under the program: the address of its next one jumps to itself.
    const self = target.architecture === 'thumb2' ? [0xfe, 0xe7] : [0x01, 0xa0];
    const { pc } = target;
    expect(target.poke(pc, Uint8Array.from(self))).toBe(true);
    expect(target.run(100)).toEqual({ why: 'count' });
    expect(target.pc).toBe(pc);
    expect(target.peek(pc, 2)).toEqual(Uint8Array.from(self));
    const device = target.memoryMap().find(({ kind }) => kind === 'device')!;
    expect([target.poke(device.base, Uint8Array.of(1)), target.peek(pc, 2 ** 31)]).toEqual([false, undefined]);
    target.machine.close();
  });
});
