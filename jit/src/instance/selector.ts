/** Selection in the core: what it is told of a function, and what has come of it. */
import { InternalError, UnsupportedError, UsageError, type FireballError } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as bodyLayout from '../core/layout/body.js';
import { keepsOrigins } from '../core/layout/masm.js';
import * as layout from '../core/layout/select.js';
import * as walkLayout from '../core/layout/walk.js';
import { LiveLocals } from '../debug/live-locals.js';
import { RecordedLocations, type KnownLocals } from '../debug/recorded-locations.js';
import { allocationOf } from '../plan/allocate.js';
import type { Analyses } from '../plan/analyses.js';
import type { FunctionSource } from '../plan/body.js';
import { coldBranches, type BranchProfile } from '../plan/cold-branches.js';
import { planFunction } from '../plan/plan.js';
import type { LinkEnvironment } from '../environment.js';
import type { TemplateSet } from '../templates/index.js';
import { keptCore, noRoom, wordsIn, type Core } from './core.js';
import { refusalOf } from './masm.js';
import { ModuleWords } from './module-words.js';
import { placerOf } from './placer.js';
import { selectBaseline } from './baseline.js';
import { internalErrorOf, loopsOf, trapLabelsOf, type OsrLabel, type Selection, type SelectOptions } from './selection.js';

/**
 * Wasm instructions to placed templates: an assembly that still needs an address.
 * @throws UnsupportedError naming an instruction that is not there yet
 * @throws UsageError where an option names no loop
 * @throws NoRoomError
 */
export function selectFunction(
  source: FunctionSource,
  templates: TemplateSet,
  environment: LinkEnvironment,
  options: SelectOptions,
  core: Core = keptCore(),
): Selection {
  if (environment.compiler === 'baseline') return selectBaseline(source, templates, environment, options, core);
  const { isa } = templates;
  const placer = placerOf(core);
  const module = placer.prepare(templates, environment.features, ModuleWords.of(environment, source));
  if (options.origins === false) wordsIn(core)[keepsOrigins >> 2] = 0;
  const osrLoops = loopsOf(options);
  const recordsLocations = options.locations === true;
  const plan = planFunction(source, { isa, features: environment.features }, environment, osrLoops, core, module, recordsLocations);
  const { analyses } = plan;
  checkOsrLoops(analyses, osrLoops);
  analyses.must(core.giveRegisters());
  if (options.branches !== undefined) markCold(analyses, options.branches, isa === 'thumb2');
  const outcome = core.selectByNeed();
  if (outcome !== layout.selected) throw failureOf(analyses, source, outcome);
  const recorded = recordsLocations ? new RecordedLocations(source, knownLocals(source, analyses), core) : undefined;
  const assembly = placer.layOutPlaced(templates, source.index);
  return {
    assembly,
    trapLabels: trapLabelsOf(wordsIn(core)),
    osrEntries: osrLabelsOf(analyses),
    locations: recorded === undefined ? undefined : () => recorded.map(assembly),
  };
}

/** Copied out of the core, but for what is live: that is found anew. */
function knownLocals(source: FunctionSource, analyses: Analyses): KnownLocals {
  const { localRegs, constRegs, lastingConstants } = allocationOf(analyses);
  return {
    registers: localRegs,
    constants: [...constRegs].slice(0, lastingConstants).map(([value, register]) => ({ register, value: value | 0 })),
    extended: analyses.extended.all(),
    live: () => new LiveLocals(source),
  };
}

function checkOsrLoops(analyses: Analyses, osrLoops: ReadonlySet<number>): void {
  if (osrLoops.size === 0) return;
  const loops = new Set<number>();
  for (let index = 0; index < analyses.length; index++) if (analyses.isLoop(index)) loops.add(analyses.offsetAt(index));
  for (const offset of osrLoops) {
    if (!loops.has(offset)) throw new UsageError(`there is no loop at offset 0x${offset.toString(16)} of this function`);
  }
}

/** Marks the branches behind which code is cold. */
function markCold(analyses: Analyses, profile: BranchProfile, forwardTables: boolean): void {
  const cold = coldBranches(analyses, profile, forwardTables);
  const { words } = analyses;
  const first = words[bodyLayout.records >> 2]! + bodyLayout.flagsField;
  for (const index of cold) words[(first + index * bodyLayout.recordStride) >> 2]! |= bodyLayout.isColdBranch;
}

function failureOf(analyses: Analyses, { index }: FunctionSource, outcome: number): FireballError {
  const { core, words } = analyses;
  const field = (at: number): number => words[at >> 2]!;
  switch (outcome) {
    case layout.noRoom:
      return noRoom(index);
    case layout.outOfRegisters:
      return new InternalError('out of registers with nothing left to spill');
    case layout.unsupported: {
      const unsupported = field(layout.internalError);
      return new UnsupportedError(analyses.operationAt(unsupported), { offset: analyses.offsetAt(unsupported), section: 'code' });
    }
    default: {
      const refusal = refusalOf(core, index);
      if (refusal !== undefined) return refusal;
      const at = Math.min(field(layout.instructionIndex), analyses.length - 1);
      return new InternalError(`after ${analyses.operationAt(at)} at offset 0x${analyses.offsetAt(at).toString(16)}: ${internalErrorOf(words)}`);
    }
  }
}

function osrLabelsOf(analyses: Analyses): OsrLabel[] {
  const { words } = analyses;
  const found: OsrLabel[] = [];
  const end = words[(walkLayout.loopHeaders + usedField) >> 2]!;
  for (let row = words[walkLayout.loopHeaders >> 2]!; row < end; row += walkLayout.headerStride) {
    const index = words[(row + walkLayout.headerIndex) >> 2]!;
    found.push({ wasmOffset: analyses.offsetAt(index), label: words[(row + walkLayout.headerEntry) >> 2]! });
  }
  return found;
}
