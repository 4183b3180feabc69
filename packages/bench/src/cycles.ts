import { InternalError, type Isa } from '@fireball/contracts';
import { CodeTable, CycleEstimate, cycleCores, type CycleCore, type CycleCounts } from '@fireball/emulator';
import { referenceEngine } from '@fireball/engines';
import type { BranchProfile } from '@fireball/jit';
import { runKernel, type Kernel } from '@fireball/kernels';
import { createVsoc } from '@fireball/vsoc';
import { countBranches } from './branch-counts.js';

/** The ways to run wasm that are compared; `laidOut` is native code laid out by how often its branches were taken. */
const tiers = ['interpreter', 'compiled', 'laidOut'] as const;
/** What runs a kernel: the interpreter in ROM, native code, or native code laid out by counts of branches. */
export type CycleTier = (typeof tiers)[number];

/** One warm `run()` of a kernel, estimated for one core. */
export interface CycleRow extends CycleCounts {
  readonly name: string;
  readonly core: CycleCore;
  readonly tier: CycleTier;
  /** The engine's name. */
  readonly target: string;
  /** What the reference interpreter executes for the same call. */
  readonly wasmInstructions: number;
  /** Of native code. */
  readonly codeBytes: number;
}

const cores: readonly CycleCore[] = Object.values(cycleCores);
/** Addresses that are handed over at once. */
const traceLength = 1 << 18;

/** The kernel on all cores, interpreted and compiled. */
export async function measureCycles(kernel: Kernel): Promise<CycleRow[]> {
  const wasmInstructions = await countWasm(kernel);
  const branches = countBranches(kernel);
  const isas = [...new Set(cores.map(({ isa }) => isa))];
  return isas.flatMap((isa) =>
    tiers.flatMap((tier) => {
      const target = tier === 'interpreter' ? `vsoc-interp-${isa}` : isa;
      return traceKernel(kernel, isa, tier, branches).map((traced) => ({ name: kernel.name, tier, target, wasmInstructions, ...traced }));
    }),
  );
}

async function countWasm(kernel: Kernel): Promise<number> {
  const ran = await runKernel(kernel, referenceEngine, { fuel: 1_000_000_000, maxPages: 1024 });
  if (ran.kind !== 'ran') throw new InternalError(`${kernel.name} on ${referenceEngine.name}: ${ran.reason}`);
  ran.instance.close();
  return ran.statistics.wasmInstructions;
}

/** Calls `run` twice, as `bench kernels` does; the second call is estimated, for every core of the instruction set. */
function traceKernel(
  { name, loaded, checksum }: Kernel,
  isa: Isa,
  tier: CycleTier,
  branches: BranchProfile,
): (CycleCounts & Pick<CycleRow, 'core' | 'codeBytes'>)[] {
  const vsoc = createVsoc(tier === 'laidOut' ? { isa, branches } : { isa, tier });
  try {
    const instance = vsoc.instantiate(loaded.validated);
    instance.invoke('run', []);
    const code = new CodeTable(isa, (address) => halfword(vsoc.cpu.readMemory(address, 2)));
    const estimates = cores.filter((core) => core.isa === isa).map((core) => ({ core, estimate: new CycleEstimate(core, code) }));
    vsoc.cpu.traceRuns(traceLength, (addresses) => {
      for (const { estimate } of estimates) estimate.add(addresses);
    });
    const { results, statistics } = instance.invoke('run', []);
    const [result] = results;
    if (result?.type !== 'i32' || result.value >>> 0 !== checksum) throw new InternalError(`${name} on ${isa}, ${tier}: wrong result`);
    return estimates.map(({ core, estimate }) => {
      const counts = estimate.read();
      // The trace has everything, or an estimate from it would mean nothing.
      if (counts.instructions !== statistics.instructions) {
        throw new InternalError(`${name} on ${isa}, ${tier}: ${counts.instructions} instructions in the trace, ${statistics.instructions} executed`);
      }
      return { core, codeBytes: statistics.codeBytes, ...counts };
    });
  } finally {
    vsoc.close();
  }
}

function halfword([low = 0, high = 0]: Uint8Array): number {
  return low | (high << 8);
}
