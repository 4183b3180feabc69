import { InvalidInputError, NoRoomError, SettingError, UnsupportedError, UsageError, type Isa } from '@fireball/contracts';
import { ModuleTrapError, openVerifier, parseCall, type LoadedModule, type VerifyLevel } from '@fireball/engines';
import { loadTemplates, loadTemplatesFrom, type MisalignedAccess } from '@fireball/jit';
import { BareSystem, boards, describeRange, InstantiationTrap, type BareCall, type Board, type MemoryRange, type VsocInstance } from '@fireball/vsoc';
import { functionName } from '@fireball/wasm';

/** Options of `compile -o`. */
export interface ElfOptions {
  readonly target: Isa;
  readonly cpu?: string;
  readonly templates?: string;
  readonly verify: VerifyLevel;
  readonly misaligned: MisalignedAccess;
  /** `NAME[=ARGS]`, in order; `run`, or the only exported function, where there is none. */
  readonly invoke: readonly string[];
  /** Memories of the board; those of QEMU's board of the target where absent. */
  readonly rom?: MemoryRange;
  readonly ram: readonly MemoryRange[];
  readonly stack?: number;
}

export interface BuiltElf {
  readonly bytes: Uint8Array;
  readonly codeBytes: number;
  /** What it prints in front of each result. */
  readonly calls: readonly string[];
  /** How QEMU runs it, but for the file's name; null for other boards. */
  readonly qemu: string | null;
}

const qemuBoards = { thumb2: 'mps2-an386', rv32: 'virt' } as const satisfies Record<Isa, keyof typeof boards>;
const semihosting = '-nographic -semihosting-config enable=on,target=native';
const qemuCommands = {
  thumb2: `qemu-system-arm -M mps2-an386 ${semihosting} -kernel`,
  rv32: `qemu-system-riscv32 -M virt -bios none ${semihosting} -kernel`,
} as const satisfies Record<Isa, string>;

/**
 * A bare ELF file that makes calls and prints how they ended.
 * @throws UnsupportedError where the module imports anything
 * @throws ModuleTrapError where instantiation traps
 */
export async function buildElf(loaded: LoadedModule, options: ElfOptions): Promise<BuiltElf> {
  const { target, templates, cpu, stack } = options;
  const verifier = await openVerifier(options.verify);
  const isQemuBoard = options.rom === undefined && options.ram.length === 0;
  const system = new BareSystem({
    board: boardOf(options),
    misaligned: options.misaligned,
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
      qemu: isQemuBoard ? qemuCommands[target] : null,
    };
  } catch (error) {
    if (error instanceof NoRoomError) throw new NoRoomError(error.feature, { ...error.facts, file: loaded.file, hint: describeBoard(boardOf(options)) }, { cause: error });
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(loaded.file) : error;
  } finally {
    system.close();
  }
}

function describeBoard({ rom, ram }: Board): string {
  return `there is ${[describeRange('ROM', rom), ...ram.map((range) => describeRange('RAM', range))].join(', ')}; --rom and --ram say what a board has`;
}

function boardOf({ target, rom, ram }: ElfOptions): Board {
  const standard: Board = boards[qemuBoards[target]];
  return { isa: target, rom: rom ?? standard.rom, ram: ram.length === 0 ? standard.ram : ram };
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
  return { label, function: callee, args };
}

/** Reads what option `--SETTING` says, `ADDRESS:SIZE`: decimal or 0x numbers, with K or M behind the size. */
export function parseRange(setting: 'rom' | 'ram', text: string): MemoryRange {
  const match = /^(0x[0-9a-f]+|\d+):(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  if (match === null) throw new SettingError(setting, `'${text}' is no memory; ADDRESS:SIZE is wanted, e.g. 0x20000000:256K`);
  const [, base, size, suffix = ''] = match;
  const factor = { '': 1, k: 1024, m: 1024 * 1024 }[suffix.toLowerCase()] ?? 1;
  return { base: Number(base), size: Number(size) * factor };
}
