import { InternalError, type CpuBackend } from '@fireball/contracts';
import { ExecutionCounts } from '@fireball/emulator';
import type { CodeMap } from '../chip/code-map.js';
import type { RomImage } from '../chip/rom.js';

/** Addresses that are handed over at once. */
const traceLength = 1 << 16;

/** What a profile looks at. */
export interface ProfiledSystem {
  readonly cpu: CpuBackend;
  readonly codeMap: CodeMap;
  readonly rom: RomImage;
}

/** Machine instructions that were executed of one placed template. */
export interface ProfiledSite {
  readonly functionIndex: number;
  /** Offset in the module of the wasm instruction for which it was placed. */
  readonly wasmOffset: number;
  readonly template: string;
  /** How often its first instruction was executed. */
  readonly entered: number;
  readonly instructions: number;
}

/** Of a function, or a routine in ROM. */
export interface ProfiledCode {
  /** How often its first instruction was executed. */
  readonly entered: number;
  readonly instructions: number;
}

/** All machine instructions that were executed; conditional ones whose condition failed are not counted. */
export interface ProfileCounts {
  readonly instructions: number;
  readonly sites: readonly ProfiledSite[];
  /** Of compiled functions, by their index. */
  readonly functions: ReadonlyMap<number, ProfiledCode>;
  /** Of routines in ROM, by the wasm instruction that they carry out, or what they are called there. The rest of all instructions are those of stubs between guest and host. */
  readonly routines: ReadonlyMap<string, ProfiledCode>;
}

/** Counts how often every machine instruction of a virtual SoC is executed, whose code stays where it is. */
export class Profile {
  private system: ProfiledSystem | undefined;
  /** Of what lies outside of ROM. */
  private readonly counts = new ExecutionCounts();
  private readonly routines = new Map<string, { entered: number; instructions: number }>();
  private total = 0;
  /** The one that is being executed. */
  private routine: { instructions: number } | undefined;
  private routineNames: ReadonlyMap<number, string> = new Map();

  /** From now on; of one system. */
  follow(system: ProfiledSystem): void {
    if (this.system !== undefined) throw new InternalError('a profile is of one system');
    this.system = system;
    this.routineNames = new Map([...system.rom.entries].map(([name, address]) => [address, name]));
    const { base, code } = system.rom;
    system.cpu.traceRuns(traceLength, (addresses) => {
      this.add(addresses, base, base + code.length);
    });
  }

  private add(addresses: Uint32Array, romBegin: number, romEnd: number): void {
    this.total += addresses.length;
    for (const address of addresses) {
      if (address >= romBegin && address < romEnd) {
        this.routine ??= this.enter(address);
        this.routine.instructions++;
        continue;
      }
      this.routine = undefined;
      this.counts.add(address);
    }
  }

  /** Routines share code: whatever is executed until ROM is left belongs to the one that was called. */
  private enter(address: number): { instructions: number } {
    const name = this.routineNames.get(address) ?? 'others';
    let routine = this.routines.get(name);
    if (routine === undefined) this.routines.set(name, (routine = { entered: 0, instructions: 0 }));
    routine.entered++;
    return routine;
  }

  /** What has been executed so far. */
  read(): ProfileCounts {
    const { system, total: instructions } = this;
    if (system === undefined) throw new InternalError('a profile of nothing');
    const { functions } = system.codeMap;
    return {
      instructions,
      sites: functions
        .flatMap(({ index, code }) =>
          code.sites.map(({ offset, size, template, wasmOffset }) => {
            const begin = code.address + offset;
            return { functionIndex: index, wasmOffset, template, ...this.countsOf(begin, begin + size) };
          }),
        )
        .filter((site) => site.instructions > 0),
      functions: new Map(
        functions
          .map(({ index, code: { address, bytes } }) => [index, this.countsOf(address, address + bytes.length)] as const)
          .filter(([, code]) => code.instructions > 0),
      ),
      routines: this.routines,
    };
  }

  private countsOf(begin: number, end: number): ProfiledCode {
    return { entered: this.counts.at(begin), instructions: this.counts.between(begin, end) };
  }
}
