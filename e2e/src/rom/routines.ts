import type { CpuBackend, Isa } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { exitRoutine, loadTemplates, trapKinds, type CodeTrapKind } from '@fireball/jit';
import { codeWord, loadRom, romTrapNumber, type RomImage } from '@fireball/vsoc';

const romBytes = 0x1_0000;
/** Not where the virtual SoC has it: the routines run at any multiple of 16. */
const romBase = 0x3f0;
const exitAddress = 0x1_0000;
const stackBase = 0x2000_0000;
const stackBytes = 0x1000;
const stackPattern = 0xa5;
export const dataBase = 0x3000_0000;
const budget = 10_000_000;

const registers = {
  thumb2: {
    args: ['r0', 'r1', 'r2', 'r3'],
    link: 'lr',
    saved: ['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11'],
  },
  rv32: {
    args: ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'],
    link: 'ra',
    saved: ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 'gp', 'tp'],
  },
} as const satisfies Record<Isa, object>;

type RoutineOutcome = { readonly words: readonly [number, number] } | { readonly trap: CodeTrapKind };

/** The ROM alone on an emulated CPU: its routines, called directly as generated code calls them. */
export class RoutineCpu {
  readonly cpu: CpuBackend;
  readonly rom: RomImage;
  /** Guest RAM at `dataBase`, for records and memories. */
  readonly data: Uint8Array;
  private readonly stack: Uint8Array;
  /** Guest instructions of all calls. */
  instructions = 0;

  constructor(
    readonly isa: Isa,
    cpu: string,
    dataBytes = 0x1000,
  ) {
    this.cpu = createCpu({ isa, cpu });
    this.rom = loadRom(isa, romBase);
    const code = { read: true, write: false, execute: true };
    const data = { read: true, write: true, execute: false };
    this.cpu.mapRam(0, romBytes, code).set(this.rom.code, this.rom.base);
    this.cpu.mapRam(exitAddress, this.cpu.pageSize, code).set(exitRoutine(loadTemplates(isa)).linkAt(exitAddress));
    this.stack = this.cpu.mapRam(stackBase, stackBytes, data).fill(stackPattern);
    this.data = this.cpu.mapRam(dataBase, dataBytes, data);
    registers[isa].saved.forEach((name, index) => this.cpu.writeRegister(name, savedPattern(index)));
  }

  /** Calls the instruction's routine with operand words, low word first. */
  call(op: string, words: readonly number[]): RoutineOutcome {
    const { cpu, rom } = this;
    const { args, link } = registers[this.isa];
    const entry = rom.entries.get(op);
    if (entry === undefined) throw new Error(`no routine for ${op}`);
    words.forEach((word, index) => cpu.writeRegister(args[index] as string, word >>> 0));
    cpu.writeRegister('sp', stackBase + stackBytes);
    cpu.writeRegister(link, codeWord(this.isa, exitAddress));
    const result = cpu.run(entry, budget);
    this.instructions += result.executed;
    if (result.reason.kind === 'invalid-instruction' && result.pc === exitAddress) {
      if (cpu.readRegister('sp') !== stackBase + stackBytes) throw new Error(`${op} returned with another sp`);
      return { words: [cpu.readRegister(args[0]), cpu.readRegister(args[1])] };
    }
    const trap = trapKinds[romTrapNumber(rom, result.pc, (name) => cpu.readRegister(name)) ?? -1];
    if (result.reason.kind === 'invalid-instruction' && trap !== undefined) {
      registers[this.isa].saved.forEach((name, index) => cpu.writeRegister(name, savedPattern(index)));
      return { trap };
    }
    throw new Error(`${op}(${words.map((word) => `0x${(word >>> 0).toString(16)}`).join(', ')}) ended with ${JSON.stringify(result)}`);
  }

  /** Registers that a routine must preserve and did not. */
  lostRegisters(): string[] {
    return registers[this.isa].saved.filter((name, index) => this.cpu.readRegister(name) !== savedPattern(index));
  }

  /** Deepest stack that any call so far has written, in bytes. */
  stackUsed(): number {
    const lowest = this.stack.findIndex((byte) => byte !== stackPattern);
    return lowest < 0 ? 0 : stackBytes - lowest;
  }

  close(): void {
    this.cpu.close();
  }
}

const savedPattern = (index: number): number => 0x5a00_0000 + index;
