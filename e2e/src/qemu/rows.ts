import { engineNamed, ModuleTrapError, type LinkedInstance, type Outcome } from '@fireball/engines';
import type { CompilerName } from '@fireball/jit';
import { BareSystem, InstantiationTrap, type BareCall, type Board, type VsocInstance } from '@fireball/vsoc';
import { decodeModule, functionTypeOf, validateModule, type ValidatedModule, type Value } from '@fireball/wasm';

/** Most that a memory may grow to, the same on both sides (hazard 15). */
const maxPages = 16;
const growth = maxPages * 0x1_0000;

/** What one ELF file may hold: RAM for memories of `growth` bytes, and code memory. */
const mostMemories = 14;
const mostFunctions = 2000;
const mostModules = 60;

export interface Program {
  /** Modules by name, in order of instantiation; each may import from those before it. */
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Calls of exported functions, in order, `args` of their types. */
  readonly calls: readonly { readonly module: string; readonly name: string; readonly args: readonly Value[] }[];
  readonly title: string;
}

/** Programs that fit into one file together. */
export function batches(programs: readonly Program[]): Program[][] {
  const all: Program[][] = [];
  let room = { memories: 0, functions: 0, modules: 0 };
  for (const program of programs) {
    const decoded = program.modules.map(({ bytes }) => decodeModule(bytes));
    const need = {
      memories: decoded.reduce((sum, { memories }) => sum + memories.length, 0),
      functions: decoded.reduce((sum, { bodies }) => sum + bodies.length, 0),
      modules: decoded.length,
    };
    if (all.length === 0 || need.memories > room.memories || need.functions > room.functions || need.modules > room.modules) {
      all.push([]);
      room = { memories: mostMemories, functions: mostFunctions, modules: mostModules };
    }
    all.at(-1)!.push(program);
    room = { memories: room.memories - need.memories, functions: room.functions - need.functions, modules: room.modules - need.modules };
  }
  return all;
}

/** One file that runs the programs, and the lines that it must print: what the reference interpreter says. */
export async function prepare(
  programs: readonly Program[],
  board: Board,
  cpu: string,
  compiler?: CompilerName,
): Promise<{ elf: Uint8Array; expected: string[] }> {
  const system = new BareSystem({ board, cpu, growth, ...(compiler === undefined ? {} : { compiler }) });
  try {
    const calls: BareCall[] = [];
    const expected: string[] = [];
    for (const program of programs) {
      calls.push(...addProgram(system, program));
      expected.push(...(await referenceLines(program)));
    }
    return { elf: system.build(calls), expected };
  } finally {
    system.close();
  }
}

/** Stands for a reference that is not null. */
const reference = 'ref';

const label = (program: Program, index: number): string => `${program.title}: ${program.calls[index]!.name} #${index + 1}`;

function addProgram(system: BareSystem, program: Program): BareCall[] {
  const members = new Map<string, VsocInstance>();
  for (const { name, bytes } of program.modules) {
    const instance = start(system, validateModule(decodeModule(bytes)), members);
    if (instance !== undefined) members.set(name, instance);
  }
  return program.calls.map(({ module, name, args }, index) => {
    const callee = members.get(module)?.exports.get(name);
    if (callee?.kind !== 'function') throw new TypeError(`${program.title}: no function ${module}.${name}`);
    return { label: label(program, index), function: callee, args };
  });
}

/** Undefined where instantiation traps; what it did before stays done. */
function start(system: BareSystem, module: ValidatedModule, members: ReadonlyMap<string, VsocInstance>): VsocInstance | undefined {
  try {
    return system.instantiate(module, (from, field) => members.get(from)?.exports.get(field));
  } catch (error) {
    if (error instanceof InstantiationTrap) return undefined;
    throw error;
  }
}

async function referenceLines(program: Program): Promise<string[]> {
  const linker = engineNamed('interp').createLinker({ fuel: 1_000_000_000, maxPages });
  const members = new Map<string, LinkedInstance>();
  try {
    for (const { name, bytes } of program.modules) {
      try {
        members.set(name, await linker.load(name, bytes).instantiate((from, field) => members.get(from)?.exports.get(field)));
      } catch (error) {
        if (!(error instanceof ModuleTrapError)) throw error;
      }
    }
    return program.calls.map(({ module, name, args }, index) => `${label(program, index)}${ending(members.get(module)!.invoke(name, args))}`);
  } finally {
    linker.close();
  }
}

/** As the driver prints it. */
function ending({ results, trap }: Outcome): string {
  if (trap !== null) return ` trap ${trap.kinds.join(' or ')}`;
  return ` = ${results.map(wordsText).join(' ') || '()'}`;
}

function wordsText(value: Value): string {
  switch (value.type) {
    case 'i32':
    case 'f32':
      return `0x${(value.value >>> 0).toString(16).padStart(8, '0')}`;
    case 'i64':
    case 'f64':
      return `0x${BigInt.asUintN(64, value.value).toString(16).padStart(16, '0')}`;
    case 'funcref':
    case 'externref':
      return value.value === null ? '0x00000000' : reference;
  }
}

/**
 * The lines, with `ref` for words that are not null where the expected line has it: which word stands for a reference is
 * the system's own affair.
 */
export function withReferences(lines: readonly string[], expected: readonly string[]): string[] {
  return lines.map((line, index) => {
    const wanted = expected[index]?.split(' ') ?? [];
    return line
      .split(' ')
      .map((word, position) => (wanted[position] === reference && /^0x(?!0{8}$)[0-9a-f]{8}$/.test(word) ? reference : word))
      .join(' ');
  });
}

/** Types of the parameters of a module's exported function. */
export function parametersOf(bytes: Uint8Array, name: string): readonly Value['type'][] {
  const module = decodeModule(bytes);
  const entry = module.exports.find((candidate) => candidate.kind === 'function' && candidate.name === name);
  const type = entry === undefined ? undefined : functionTypeOf(module, entry.index);
  if (type === undefined) throw new TypeError(`no function ${name}`);
  return type.params;
}
