import { InternalError, type CodeView, type DebugFunction, type DebugRoutine, type Isa, type ModuleDebugInfo, type WordLocation } from '@fireball/contracts';
import { codeRegisters, fieldsOfHoles, hostCallPlan, trapKinds, wordCount } from '@fireball/jit';
import { createVsoc, VsocTarget, type InstalledFunction, type VsocInstance } from '@fireball/vsoc';
import { functionName, ProgramExit, Trap, type FunctionType, type Value, type WasiHost } from '@fireball/wasm';
import type { EngineOptions, VsocPlace } from './engine.js';
import type { HostCall } from './imports/host-calls.js';
import { createStandIns } from './imports/stand-ins.js';
import type { LoadedModule } from './inputs/module.js';
import { listFunction, listInstructions, symbolsOf } from './listing.js';
import { socOptions, vsocExtern, vsocHost } from './native-linker.js';
import { wasiImports } from './wasi/program.js';
import type { ProgramInput } from './wasi/program-input.js';

/** A call for a debugger: where it runs, and what its code is. */
export interface DebugCall {
  readonly target: VsocTarget;
  readonly code: CodeView;
}

/** What a program finds. */
export interface ProgramWorld {
  readonly host: WasiHost;
  /** Where its standard input is typed; absent where nobody types. */
  readonly input?: ProgramInput;
}

/**
 * Makes the call of an exported function that a debugger can follow. Nothing of it has run yet, but the module's start function has.
 * @param world of a program, whose imports are WASI functions: a new one each time that it begins; absent where `options.imports` says what is behind imports
 */
export function debugCall(
  loaded: LoadedModule,
  where: VsocPlace,
  options: EngineOptions,
  entry: string,
  args: readonly Value[],
  world?: () => ProgramWorld,
): DebugCall {
  const { isa } = where;
  const { file, module, validated } = loaded;
  let instance: VsocInstance | undefined;
  const target = new VsocTarget(() => {
    const vsoc = createVsoc({ ...socOptions(where, options), locations: true });
    const standIns = options.imports === undefined ? undefined : createStandIns(file, module, vsocHost(vsoc), options.imports, options.maxPages);
    let exit: number | undefined;
    const host = vsocHost(vsoc);
    const ending = {
      ...host,
      function: (type: FunctionType, call: HostCall) => host.function(type, (given) => endedByTrap(call, given, (code) => (exit = code))),
    };
    instance = undefined;
    const found = world?.();
    const program = found === undefined ? undefined : wasiImports(loaded, found.host, ending, (index) => instance?.memory(index));
    const created = vsoc.instantiate(validated, (from, name) => vsocExtern((program ?? standIns?.resolve)?.(from, name)));
    standIns?.connect((index) => created.memory(index));
    instance = created;
    const callee = created.exports.get(entry);
    if (callee?.kind !== 'function') throw new InternalError(`no exported function ${entry}`);
    return { vsoc, callee, args, exitStatus: () => exit, input: found?.input };
  });
  const seen = new WeakMap<InstalledFunction, DebugFunction>();
  const functionOf = (installed: InstalledFunction): DebugFunction => {
    const known = seen.get(installed) ?? describe(loaded, target, installed);
    seen.set(installed, known);
    return known;
  };
  const code: CodeView = {
    get functions() {
      return [...target.interpreted.functions, ...target.vsoc.codeMap.functions.map(functionOf)];
    },
    get position() {
      return target.interpreted.position ?? target.pc;
    },
    get interpreter() {
      return where.tier === 'compiled' ? undefined : target.interpreted;
    },
    at(address) {
      const found = target.vsoc.codeMap.find(address);
      return found === undefined ? target.interpreted.at(address) : functionOf(found.function);
    },
    get routines() {
      return routinesOf(target);
    },
    routineAt(address) {
      const { rom, map } = target.vsoc;
      if (address < map.rom.base || address >= map.rom.base + map.rom.size) return undefined;
      let best: { readonly name: string; readonly offset: number } | undefined;
      for (const [name, begin] of rom.entries) {
        const offset = address - (begin & ~1);
        if (offset >= 0 && (best === undefined || offset < best.offset)) best = { name, offset };
      }
      return best === undefined ? undefined : best.offset === 0 ? best.name : `${best.name}+${best.offset}`;
    },
    get templates() {
      return target.vsoc.templates.templates.map(({ name }) => name);
    },
    traps: trapKinds,
    debugInfo: debugInfoOf(loaded),
    get globals() {
      return (instance?.globals ?? []).map(({ type, cell }) => ({ type: type.type, address: cell }));
    },
    get memories() {
      return (instance?.memories ?? []).map(({ base }) => base);
    },
    get memoryRecords() {
      return (instance?.memories ?? []).map(({ record }) => record);
    },
    get exit() {
      return target.vsoc.exitAddress;
    },
    ...codeRegisters(isa),
    registerName: (register) => target.registers[register]!.name,
  };
  return { target, code };
}

function debugInfoOf({ file, module: { bytes, dwarf, sectionOffsets, bodies } }: LoadedModule): ModuleDebugInfo {
  const codeBase = sectionOffsets.get('code') ?? 0;
  const sections = new Map([...dwarf].map(([name, { start, end }]) => [name, bytes.subarray(start, end)]));
  return { file, sections, codeBase, codeSize: (bodies.at(-1)?.code.end ?? codeBase) - codeBase };
}

/** A program that ends itself ends the guest's call. */
function endedByTrap(call: HostCall, args: readonly Value[], ended: (code: number) => void): readonly Value[] {
  try {
    return call(args);
  } catch (error) {
    if (!(error instanceof ProgramExit)) throw error;
    ended(error.code);
    throw new Trap('ended by the host');
  }
}

/** Where bounds routines find their return address (jit/ABI.md, "Bounds checks"). */
const checkLink = { thumb2: 14, rv32: 5 } as const satisfies Record<Isa, number>;

function routinesOf({ architecture, vsoc }: VsocTarget): DebugRoutine[] {
  const { rom, boundsRoutines, exitAddress, interpreter } = vsoc;
  const { link } = codeRegisters(architecture);
  // What lies in front of the first entry is called by others only.
  const entries = [{ name: 'rom', begin: rom.base }, ...[...rom.entries].map(([name, address]) => ({ name, begin: address & ~1 }))].sort(
    (a, b) => a.begin - b.begin,
  );
  const inRom = entries.map(({ name, begin }, index): DebugRoutine => ({
    name,
    begin,
    end: entries[index + 1]?.begin ?? rom.base + rom.code.length,
    convention: interpreter !== undefined && begin >= interpreter.begin && begin < interpreter.end ? 'interpreter' : 'c',
    link,
  }));
  const checks = [...boundsRoutines].map(({ address, size }): DebugRoutine => ({
    name: 'bounds_check',
    begin: address,
    end: address + size,
    convention: 'check',
    link: checkLink[architecture],
  }));
  // A return address is looked up by the instruction before it.
  const host: DebugRoutine = { name: 'host', begin: exitAddress - 2, end: exitAddress + 2, convention: 'host', link };
  return [host, ...inRom, ...checks].filter(({ begin, end }) => begin < end).sort((a, b) => a.begin - b.begin);
}

function describe({ module, validated }: LoadedModule, target: VsocTarget, { index, code }: InstalledFunction): DebugFunction {
  const source = validated.functions.find((candidate) => candidate.index === index);
  const { locations } = code;
  if (source === undefined || locations === undefined) throw new InternalError(`code of function ${index} without a source`);
  return {
    index,
    name: functionName(module, index),
    begin: code.address,
    end: code.address + code.bytes.length,
    localCount: source.locals.count,
    localType: (local) => source.locals.typeAt(local) ?? 'i32',
    interpreted: false,
    loopEntries: code.osrEntries.map(({ offset }) => code.address + offset),
    parameters: parametersOf(source.type, target),
    parameterCount: source.type.params.length,
    resultTypes: source.type.results,
    argumentBytes: hostCallPlan(source.type, target.architecture).stackBytes,
    sites: code.sites.map(({ offset, wasmOffset, template }) => ({ address: code.address + offset, wasmOffset, template })),
    locations,
    traps: code.trapStubs.map(({ offset, kind }) => ({ address: code.address + offset, kind })),
    wasm: listInstructions(module, source),
    listing: async () => {
      const { templates } = target.vsoc;
      const { sites } = await listFunction(templates, module, source, code, symbolsOf(module, target.vsoc));
      return sites.map((site) => ({ ...site, fields: fieldsOfHoles(templates, site.template, site.address) }));
    },
  };
}

/** Registers of the calling convention are named by their numbers, `r0` and `x10`. */
function parametersOf(type: FunctionType, target: VsocTarget): DebugFunction['parameters'] {
  const places = hostCallPlan(type, target.architecture).arguments.map((place): WordLocation =>
    'register' in place ? { kind: 'register', register: Number(place.register.slice(1)) } : { kind: 'slot', offset: place.stack },
  );
  let word = 0;
  return type.params.map((param) => {
    const words = wordCount([param]);
    word += words;
    return places.slice(word - words, word);
  });
}
