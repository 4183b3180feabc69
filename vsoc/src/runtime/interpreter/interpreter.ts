import { InternalError, UnsupportedError, type Isa, type RunResult } from '@fireball/contracts';
import type { Chip } from '../../chip/chip.js';
import { codeWord } from '../externs.js';
import { romTrapNumber, type RomImage } from '../../chip/rom.js';
import { Flash } from './flash.js';
import { countedHandlers, safepointHandlers, tableEntries, tables } from './layout.js';
import { Program, type ProgramEnvironment, type ProgramInputs } from './program.js';

/** Register that holds the address of the wasm opcode under way. */
const positionRegister = { thumb2: 'r4', rv32: 's0' } as const satisfies Record<Isa, string>;

/** The interpreter in ROM, as the host sees it: installs programs and tells where one trapped. */
export class Interpreter {
  private readonly romBase: number;
  /** Its handlers in ROM. */
  readonly begin: number;
  readonly end: number;
  private readonly environment: ProgramEnvironment;
  readonly programs: Program[] = [];
  /** The host's view of ROM. */
  private readonly rom: DataView;
  private readonly firstTable: number;

  /**
   * @param rom the host's view of ROM, `base` its address
   * @param grow entry of the routine of memory.grow
   */
  constructor(
    private readonly chip: Chip,
    rom: { readonly base: number; readonly bytes: Uint8Array },
    grow: number,
    services: ProgramEnvironment['services'],
    safepoint: ProgramEnvironment['safepoint'],
  ) {
    const { isa, cpu, map, dataMemory } = chip;
    if (map.interpreted === undefined) throw new UnsupportedError('the interpreter on a system without room for wasm code');
    this.begin = entryOf(chip.rom, 'interp.begin');
    this.end = entryOf(chip.rom, 'interp.end');
    const firstTable = entryOf(chip.rom, 'interp.tables');
    this.firstTable = firstTable;
    this.rom = new DataView(rom.bytes.buffer, rom.bytes.byteOffset, rom.bytes.length);
    this.romBase = rom.base;
    linkTables(rom, firstTable, isa, chip.misaligned === 'split' ? chip.rom.entries.get('interp.split') : undefined, handlersFor(services, safepoint));
    this.environment = {
      isa,
      flash: new Flash(cpu, map.interpreted),
      data: dataMemory,
      stackLimit: map.stack.base,
      resultBuffer: map.resultBuffer.base,
      grow,
      context: dataMemory.allocate(4),
      noMemory: dataMemory.allocate(16),
      entry: entryOf(chip.rom, services === undefined ? 'interp.entry' : 'interp.counted_entry'),
      services,
      safepoint,
      tableOf: (set) => firstTable + 4 * tableEntries * tablesOf(isa).indexOf(set),
    };
  }

  /** Makes an instance's functions ready to run: their code is then at `entryOf`. */
  install(inputs: ProgramInputs): Program {
    const program = new Program(this.environment, inputs);
    this.programs.push(program);
    return program;
  }

  /**
   * What the handler at `pc` takes to be in registers, where it is the one that a dispatch by the table at `table` leads to for this opcode: one
   * operand, none, or two. Undefined where it is not, and where it only brings operands to where another one wants them.
   */
  cachedOperands(pc: number, table: number, opcode: number): 0 | 1 | 2 | undefined {
    const names = tablesOf(this.environment.isa);
    const index = (table - this.firstTable) / (4 * tableEntries);
    // On the way in and out of the interpreter the register holds something else.
    if (names[index] === undefined) return undefined;
    const leadsHere = (at: number): boolean => this.tableWord(at, opcode) === pc;
    if (leadsHere(index)) return 1;
    if (this.environment.isa === 'thumb2') return undefined;
    const isState = (at: number): boolean => leadsHere(at) && this.tableWord(at, 0) !== pc;
    if (names[index - 1]?.endsWith('none cached') === true && isState(index - 1)) return 0;
    return names[index + 1]?.endsWith('two cached') === true && isState(index + 1) ? 2 : undefined;
  }

  /** Where handlers begin, in any set. */
  get handlers(): readonly number[] {
    const all = tablesOf(this.environment.isa).flatMap((_, index) => Array.from({ length: tableEntries }, (__, opcode) => this.tableWord(index, opcode)));
    return [...new Set(all)].filter((address) => address >= this.begin && address < this.end).sort((a, b) => a - b);
  }

  private tableWord(index: number, opcode: number): number {
    const at = this.firstTable + 4 * (tableEntries * index + opcode) - this.romBase;
    return (this.rom.getUint32(at, true) & ~1) >>> 0;
  }

  /** Where the wasm code stood when ROM code trapped: in a handler, or in a routine that one called. */
  locate(result: RunResult): { readonly functionIndex: number; readonly wasmOffset: number } | undefined {
    const { chip, environment } = this;
    if (romTrapNumber(chip.rom, result.pc, (name) => chip.cpu.readRegister(name)) === undefined) return undefined;
    const inHandler = result.pc >= this.begin && result.pc < this.end;
    const context = environment.data.readWord(environment.context);
    const position = inHandler ? chip.cpu.readRegister(positionRegister[environment.isa]) : context;
    for (const program of this.programs) {
      const found = program.locate(position >>> 0);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** No routine is being executed: one that has trapped did not say so. */
  forgetPosition(): void {
    const { data, context } = this.environment;
    data.writeWord(context, 0);
  }
}

function entryOf(rom: RomImage, name: string): number {
  const address = rom.entries.get(name);
  if (address === undefined) throw new InternalError(`ROM has no entry ${name}`);
  return address;
}

function handlersFor(services: ProgramEnvironment['services'], safepoint: ProgramEnvironment['safepoint']): ReadonlyMap<number, number> {
  if (safepoint !== undefined) return safepointHandlers;
  return services === undefined ? new Map() : countedHandlers;
}

const tablesOf = (isa: Isa): readonly string[] => tables[isa];

/**
 * Prepares the tables as whoever writes the flash does: offsets become addresses, and where a list of handlers that
 * split misaligned accesses is given, they take the place of the others. So do the handlers at the places of `replaced`, by opcode.
 */
function linkTables(
  rom: { readonly base: number; readonly bytes: Uint8Array },
  first: number,
  isa: Isa,
  split: number | undefined,
  replaced: ReadonlyMap<number, number>,
): void {
  const view = new DataView(rom.bytes.buffer, rom.bytes.byteOffset, rom.bytes.length);
  const word = (address: number): number => view.getInt32(address - rom.base, true);
  const setWord = (address: number, value: number): void => view.setInt32(address - rom.base, value, true);
  tablesOf(isa).forEach((name, position) => {
    const table = first + 4 * tableEntries * position;
    for (let at = split; at !== undefined && word(at) !== 0; at += 8) {
      const entry = table + 4 * word(at);
      if (name === 'narrow' || name === 'wide') setWord(entry, word(at + 4));
      // Opcode 0 brings the operands to where these handlers want them. The general set comes to the wide one by itself.
      else if (name !== 'general') setWord(entry, word(table));
    }
    for (const [opcode, place] of replaced) setWord(table + 4 * opcode, word(table + 4 * place));
    for (let index = 0; index < tableEntries; index++) {
      const at = table + 4 * index;
      setWord(at, codeWord(isa, first + word(at)));
    }
  });
}
