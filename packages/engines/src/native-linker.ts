import { InternalError, InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { loadTemplates, loadTemplatesFrom, packedSize } from '@fireball/jit';
import {
  CodeMemoryFullError,
  createVsoc,
  InstantiationTrap,
  type CallOutcome,
  type MixedOptions,
  type Tier,
  type Vsoc,
  type VsocExtern,
  type VsocInstance,
  type VsocOptions,
  type VsocTrap,
} from '@fireball/vsoc';
import { functionName, LinkError, type Value, type WasmModule, type Work } from '@fireball/wasm';
import { decodeInput, type LoadedModule } from './inputs/module.js';
import { withStandIns } from './imports/stand-ins.js';
import { instructionBound, instructionLimit } from './bounds.js';
import { cpuOf } from './cpus.js';
import { LateVerifier } from './deep-verification.js';
import type { EngineOptions, MixedSettings, VsocPlace } from './engine.js';
import { ModuleTrapError, type CallStatistics, type EngineInstance, type TrapReport } from './instance.js';
import { linkedInstance, UnlinkableError, type Extern, type HostExterns, type ImportResolver, type LinkedInstance, type Linker } from './linker.js';

/** Guest instructions after which code with safepoints is asked to yield. */
const timeSlice = 10_000;

class NativeExtern implements Extern {
  constructor(readonly extern: VsocExtern) {}
  get kind(): Extern['kind'] {
    return this.extern.kind;
  }
}

/** One virtual SoC and the instances on it. */
export function createNativeLinker(target: VsocPlace, options: EngineOptions): Linker {
  const verifier = verifierFor(options);
  const vsoc = createSoc(target, options, verifier);
  const limits = new CallLimits(target.tier, options.fuel);
  return {
    host: vsocHost(vsoc),
    load(file, bytes) {
      const loaded = decodeInput(file, bytes);
      return {
        instantiate: async (resolve, reference) => {
          await verifier?.load();
          return link(vsoc, limits, loaded, resolve, reference);
        },
      };
    },
    get tierStatistics() {
      return vsoc.mixed?.statistics;
    },
    close: () => vsoc.close(),
  };
}

/** Things of the host on a virtual SoC. */
export function vsocHost(vsoc: Vsoc): HostExterns {
  return {
    function: (type, call) => new NativeExtern(vsoc.createHostFunction(type, (args) => call(args as Value[]))),
    global: (type, value) => new NativeExtern(vsoc.store.createGlobal(type, value)),
    table: (type) => new NativeExtern(vsoc.store.createTable(type)),
    memory: (type) => new NativeExtern(vsoc.store.createMemory(type)),
  };
}

/** An instance on a virtual SoC of its own, which is closed with it, with stand-ins for its imports where the options want them. */
export async function instantiateAlone(target: VsocPlace, loaded: LoadedModule, options: EngineOptions): Promise<LinkedInstance> {
  const verifier = verifierFor(options);
  await verifier?.load();
  const vsoc = createSoc(target, options, verifier);
  try {
    const limits = new CallLimits(target.tier, options.fuel);
    const instance = withStandIns(loaded, vsocHost(vsoc), options, (resolve) => link(vsoc, limits, loaded, resolve, options.reference));
    return { ...instance, close: () => vsoc.close() };
  } catch (error) {
    vsoc.close();
    throw error;
  }
}

function verifierFor({ verify }: EngineOptions): LateVerifier | undefined {
  return verify === 'deep' ? new LateVerifier() : undefined;
}

function mixedOptionsOf(settings: MixedSettings, sandbox: boolean): Partial<MixedOptions> {
  const { hot, budget, workers, worker, workerMemory, workerCore, workerShare, compileCost, audit, inject } = settings;
  return {
    ...(hot === undefined ? {} : { callThreshold: hot[0], loopThreshold: hot[1] }),
    ...(budget === undefined ? {} : { budget }),
    ...(workers === undefined ? {} : { workers }),
    ...(worker === undefined ? {} : { worker }),
    ...(workerMemory === undefined ? {} : { workerMemory }),
    ...(workerCore === undefined ? {} : { placement: workerCore }),
    ...(workerShare === undefined ? {} : { sharedTime: workerShare }),
    ...(compileCost === undefined ? {} : { costPerByte: compileCost }),
    ...(audit === undefined ? {} : { auditPeriod: audit }),
    ...(inject === undefined ? {} : { inject }),
    workerSandbox: sandbox,
  };
}

function createSoc(target: VsocPlace, options: EngineOptions, verifier: LateVerifier | undefined): Vsoc {
  return createVsoc({
    ...socOptions(target, options),
    ...(verifier === undefined ? {} : { verifier }),
    ...(options.sandbox === true && target.tier === 'compiled' ? { sandbox: {} } : {}),
  });
}

/** The virtual SoC that an engine runs on. */
export function socOptions(
  { isa, tier }: VsocPlace,
  { fuel, maxPages, templates: folder, cpu, cpus, safepoints, misaligned, compiler, branches, profile, codeMemory, ...settings }: EngineOptions,
): VsocOptions {
  return {
    isa,
    tier,
    mixed: mixedOptionsOf(settings, settings.sandbox === true),
    ...cpuOf(isa, cpu),
    ...(cpus === undefined ? {} : { cpus }),
    ...(misaligned === undefined ? {} : { misaligned }),
    ...(compiler === undefined ? {} : { compiler }),
    ...(branches === undefined ? {} : { branches }),
    ...(profile === undefined ? {} : { profile }),
    ...(safepoints === true ? { safepoints: { timeSlice } } : {}),
    templates: folder === undefined ? loadTemplates(isa) : loadTemplatesFrom(folder, isa),
    fuel: instructionLimit(fuel),
    maxPages,
    ...(codeMemory === undefined || tier !== 'compiled' ? {} : { codeBytes: codeMemory }),
  };
}

/** Guest instructions that a call may execute. */
class CallLimits {
  constructor(
    private readonly tier: Tier,
    private readonly fuel: number,
  ) {}

  of(reference: Work | undefined): number {
    return reference === undefined ? instructionLimit(this.fuel) : instructionBound(this.tier, reference);
  }
}

function link(vsoc: Vsoc, limits: CallLimits, { file, module, validated }: LoadedModule, resolve: ImportResolver, reference: Work | undefined): LinkedInstance {
  vsoc.execution.fuel = limits.of(reference);
  try {
    const instance = vsoc.instantiate(validated, (from, name) => vsocExtern(resolve(from, name)));
    const exports = new Map([...instance.exports].map(([name, extern]) => [name, new NativeExtern(extern)]));
    return linkedInstance(module, engineInstance(vsoc, limits, module, instance), exports);
  } catch (error) {
    throw explain(file, module, error);
  }
}

/** What the virtual SoC has behind an import. */
export function vsocExtern(extern: Extern | undefined): VsocExtern | undefined {
  if (extern === undefined) return undefined;
  if (!(extern instanceof NativeExtern)) throw new InternalError('the import comes from another engine');
  return extern.extern;
}

function engineInstance(vsoc: Vsoc, limits: CallLimits, module: WasmModule, instance: VsocInstance): EngineInstance {
  return {
    invoke(name, args, reference) {
      vsoc.execution.fuel = limits.of(reference);
      const outcome = instance.invoke(name, args);
      const statistics = statisticsOf(vsoc, outcome.statistics);
      return outcome.trap === null
        ? { results: outcome.results as Value[], trap: null, statistics }
        : { results: [], trap: reportTrap(module, outcome.trap), statistics };
    },
    lastStatistics: () => statisticsOf(vsoc, instance.lastStatistics),
    memory: (index) => instance.memory(index),
    global: (index) => instance.global(index) as Value,
    close() {
      // The SoC is the linker's.
    },
  };
}

/** What went wrong at the start, with the file's name; traps of every origin in one form. */
function explain(file: string, module: WasmModule, error: unknown): unknown {
  if (error instanceof LinkError) return new UnlinkableError(error.problem, { ...error.facts, file }, { cause: error });
  if (error instanceof InstantiationTrap) return new ModuleTrapError(file, reportTrap(module, error.trap));
  if (error instanceof CodeMemoryFullError)
    return new CodeMemoryFullError(
      error.feature,
      { ...error.facts, file, hint: '--code-memory says how much there is; vsoc-* engines compile what is hot only' },
      { cause: error },
    );
  if (error instanceof InvalidInputError || error instanceof UnsupportedError) return error.inFile(file);
  return error;
}

function reportTrap(module: WasmModule, { kind, wasmOffset, functionIndex }: VsocTrap): TrapReport {
  if (functionIndex === null) return { kinds: [kind], wasmOffset, function: null, backtrace: [] };
  const name = functionName(module, functionIndex);
  const backtrace = wasmOffset === null ? [] : [{ function: functionIndex, name, offset: wasmOffset }];
  return { kinds: [kind], wasmOffset, function: name, backtrace };
}

function statisticsOf({ templates, mixed }: Vsoc, statistics: CallOutcome['statistics']): CallStatistics {
  const tier = mixed === undefined ? {} : { tier: structuredClone(mixed.statistics) };
  return { ...statistics, templateBytes: packedSize(templates), wasmInstructions: 0, ...tier };
}
