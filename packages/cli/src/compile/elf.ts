import { InvalidInputError, NoRoomError, printable, SettingError, UnsupportedError, UsageError, type Isa } from '@fireball/contracts';
import { ModuleTrapError, openVerifier, parseCall, type LoadedModule, type VerifyLevel } from '@fireball/engines';
import { featuresOf, loadTemplates, loadTemplatesFrom, type CompilerName, type MisalignedAccess } from '@fireball/jit';
import {
  BareSystem,
  describeRange,
  InstantiationTrap,
  qemuMachineOf,
  type BareCall,
  type Board,
  type MemoryRange,
  type QemuMachine,
  type VsocInstance,
} from '@fireball/vsoc';
import { functionName } from '@fireball/wasm';

/** Options of `compile -o`. */
export interface ElfOptions {
  readonly target: Isa;
  readonly cpu?: string;
  readonly templates?: string;
  readonly verify: VerifyLevel;
  readonly misaligned: MisalignedAccess;
  readonly compiler: CompilerName;
  /** `NAME[=ARGS]`, in order; `run`, or the only exported function, where there is none. */
  readonly invoke: readonly string[];
  /** Memories of the board; those of QEMU's board with the core where absent. */
  readonly rom?: MemoryRange;
  readonly ram: readonly MemoryRange[];
  readonly stack?: number;
}

interface BuiltElf {
  readonly bytes: Uint8Array;
  readonly codeBytes: number;
  /** What it prints in front of each result. */
  readonly calls: readonly string[];
  /** How QEMU runs it, but for the file's name; null for other boards. */
  readonly qemu: string | null;
}

/**
 * A bare ELF file that makes calls and prints how they ended.
 * @throws UnsupportedError where the module imports anything
 * @throws UsageError for a core that neither QEMU has nor memories are given for
 * @throws ModuleTrapError where instantiation traps
 */
export async function buildElf(loaded: LoadedModule, options: ElfOptions): Promise<BuiltElf> {
  const { target, templates, cpu, stack } = options;
  const verifier = await openVerifier(options.verify);
  const isQemuBoard = options.rom === undefined && options.ram.length === 0;
  const machine = machineOf(options);
  const board = boardOf(options, machine);
  const system = new BareSystem({
    board,
    misaligned: options.misaligned,
    compiler: options.compiler,
    templates: templates === undefined ? loadTemplates(target) : loadTemplatesFrom(templates, target),
    ...(cpu === undefined ? {} : { cpu }),
    ...(verifier === undefined ? {} : { verifier }),
    ...(stack === undefined ? {} : { stackBytes: stack }),
  });
  try {
    const wanted = options.invoke.length === 0 ? [undefined] : options.invoke;
    const instance = instantiate(system, loaded);
    const calls = wanted.map((text) => bareCall(loaded, instance, text));
    return {
      bytes: system.build(calls),
      codeBytes: instance.codeBytes,
      calls: calls.map(({ label }) => label),
      qemu:
        isQemuBoard && machine !== undefined
          ? `${[machine.program, ...machine.args].join(' ')} -nographic -semihosting-config enable=on,target=native -kernel`
          : null,
    };
  } catch (error) {
    if (error instanceof NoRoomError) throw new NoRoomError(error.feature, { ...error.facts, file: loaded.file, hint: describeBoard(board) }, { cause: error });
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(loaded.file) : error;
  } finally {
    system.close();
  }
}

function describeBoard({ rom, ram }: Board): string {
  return `there is ${[describeRange('ROM', rom), ...ram.map((range) => describeRange('RAM', range))].join(', ')}; --rom and --ram say what a board has`;
}

/** The machine of QEMU that has the core. */
function machineOf({ target, cpu }: ElfOptions): QemuMachine | undefined {
  // An unknown core is refused as such.
  if (cpu !== undefined) featuresOf(target, cpu);
  return qemuMachineOf(target, cpu);
}

function boardOf({ target, cpu, rom, ram }: ElfOptions, machine: QemuMachine | undefined): Board {
  if (rom !== undefined && ram.length > 0) return { isa: target, rom, ram };
  if (machine === undefined) throw new UsageError(`no machine of QEMU is known for ${cpu}: --rom and --ram must say what its board has`);
  return { isa: target, rom: rom ?? machine.board.rom, ram: ram.length === 0 ? machine.board.ram : ram };
}

function instantiate(system: BareSystem, { file, module, validated }: LoadedModule): VsocInstance {
  try {
    return system.instantiate(validated);
  } catch (error) {
    if (!(error instanceof InstantiationTrap)) throw error;
    const { kind, wasmOffset, functionIndex } = error.trap;
    const name = functionIndex === null ? null : functionName(module, functionIndex);
    throw new ModuleTrapError(file, { kinds: [kind], wasmOffset, function: name, backtrace: [] });
  }
}

function bareCall(loaded: LoadedModule, instance: VsocInstance, text: string | undefined): BareCall {
  const { label, entry, args } = parseCall(loaded, text);
  const callee = instance.functions[entry.index];
  if (callee === undefined) throw new UsageError(`no function ${entry.name}`);
  return { label: printable(label), function: callee, args };
}

/** Reads what option `--SETTING` says, `ADDRESS:SIZE`: decimal or 0x numbers, with K or M behind the size. */
export function parseRange(setting: 'rom' | 'ram', text: string): MemoryRange {
  const match = /^(0x[0-9a-f]+|\d+):(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  if (match === null) throw new SettingError(setting, `'${text}' is no memory; ADDRESS:SIZE is wanted, e.g. 0x20000000:256K`);
  const [, base, size, suffix = ''] = match;
  const factor = { '': 1, k: 1024, m: 1024 * 1024 }[suffix.toLowerCase()] ?? 1;
  return { base: Number(base), size: Number(size) * factor };
}
