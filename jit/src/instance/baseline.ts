/** The baseline compiler in the core: what it is told of a function, and what has come of it. */
import { InternalError, UnsupportedError, type FireballError } from '@fireball/contracts';
import { opcodes, usedField } from '@fireball/wasm';
import * as analyses from '../core/layout/analyses.js';
import { keepsOrigins, wasmOffset } from '../core/layout/masm.js';
import * as layout from '../core/layout/baseline.js';
import { memoryBase } from '../core/layout/function.js';
import * as outcomes from '../core/layout/select.js';
import { RecordedLocations, type KnownLocals } from '../debug/recorded-locations.js';
import * as walkLayout from '../core/layout/walk.js';
import type { LinkEnvironment } from '../environment.js';
import type { FunctionSource } from '../plan/body.js';
import { wordCount, wordsOf } from '../plan/words.js';
import type { TemplateSet } from '../templates/index.js';
import { noRoom, wordsIn, writeBytes, type Core } from './core.js';
import { writeFunction } from './function.js';
import { refusalOf } from './masm.js';
import { ModuleWords } from './module-words.js';
import { placerOf } from './placer.js';
import { internalErrorOf, loopsOf, trapLabelsOf, type OsrLabel, type Selection, type SelectOptions } from './selection.js';

/**
 * As `selectFunction`, by the baseline compiler.
 * @throws UnsupportedError naming an instruction that is not there yet
 * @throws NoRoomError
 */
export function selectBaseline(source: FunctionSource, templates: TemplateSet, environment: LinkEnvironment, options: SelectOptions, core: Core): Selection {
  const { index, start, end } = source;
  const placer = placerOf(core);
  const module = placer.prepare(templates, environment.features, ModuleWords.of(environment, source));
  if (options.origins === false) wordsIn(core)[keepsOrigins >> 2] = 0;
  const at = writeBytes(core, source.bytes.subarray(start, end), index);
  writeLocals(core, source);
  const name = (): boolean => core.scanBody(at, at + end - start, start);
  writeFunction(core, source, { isa: templates.isa, features: environment.features }, environment, [...loopsOf(options)], module, name, options.locations);
  const outcome = core.compileBaseline();
  if (outcome !== outcomes.selected) throw failureOf(core, source, outcome);
  const recorded = options.locations === true ? new RecordedLocations(source, knownLocals(core), core) : undefined;
  const assembly = placer.layOutPlaced(templates, index);
  const words = wordsIn(core);
  return {
    assembly,
    trapLabels: trapLabelsOf(words),
    osrEntries: osrLabelsOf(words),
    locations: recorded === undefined ? undefined : () => recorded.map(assembly),
  };
}

/** Lists the first words of locals. */
function writeLocals(core: Core, { index, locals, type }: FunctionSource): void {
  const list = core.allocate(4 * (locals.length + 1));
  if (list === 0) throw noRoom(index);
  const words = wordsIn(core);
  let at = list >> 2;
  let count = 0;
  for (const local of locals) {
    words[at++] = count;
    count += wordsOf(local);
  }
  words[at] = count;
  words[analyses.localCount >> 2] = locals.length;
  words[analyses.parameterCount >> 2] = type.params.length;
  words[analyses.wordCount >> 2] = count;
  words[analyses.parameterWords >> 2] = wordCount(type.params);
  words[analyses.firstWords >> 2] = list;
}

/** A local has its place all the time, if code names it. */
function knownLocals(core: Core): KnownLocals {
  const words = wordsIn(core);
  const wordsAt = (address: number, count: number): Int32Array => words.slice(words[address >> 2]! >> 2, (words[address >> 2]! >> 2) + count);
  const uses = wordsAt(layout.uses, words[analyses.wordCount >> 2]!);
  const firstWords = wordsAt(analyses.firstWords, words[analyses.localCount >> 2]!);
  const constants = [
    { register: words[layout.memoryReg >> 2]!, value: words[memoryBase >> 2]! },
    { register: words[layout.limitReg >> 2]!, value: words[layout.limit >> 2]! },
  ];
  return {
    registers: wordsAt(layout.wordPlaces, uses.length),
    constants: constants.filter(({ register }) => register >= 0),
    extended: new Map(),
    live: () => ({ offsetOf: (offset) => offset, isLive: (_, local) => uses[firstWords[local]!] !== 0 }),
  };
}

function failureOf(core: Core, source: FunctionSource, outcome: number): FireballError {
  const words = wordsIn(core);
  const offset = words[wasmOffset >> 2]!;
  switch (outcome) {
    case outcomes.noRoom:
      return noRoom(source.index);
    case outcomes.outOfRegisters:
      return new InternalError('out of registers with nothing left to spill');
    case outcomes.unsupported:
      return new UnsupportedError(operationAt(source, words[outcomes.internalError >> 2]!), { offset: words[outcomes.internalError >> 2]!, section: 'code' });
    default:
      return refusalOf(core, source.index) ?? new InternalError(`in front of offset 0x${offset.toString(16)}: ${internalErrorOf(words)}`);
  }
}

/** Name of the operation at an offset. */
function operationAt({ bytes }: FunctionSource, offset: number): string {
  const first = bytes[offset]!;
  const code = first === 0xfc ? (first << 8) | bytes[offset + 1]! : first;
  return opcodes.find((opcode) => opcode.code === code)?.name ?? `operation 0x${code.toString(16)}`;
}

function osrLabelsOf(words: Int32Array): OsrLabel[] {
  const found: OsrLabel[] = [];
  const end = words[(walkLayout.loopHeaders + usedField) >> 2]!;
  for (let row = words[walkLayout.loopHeaders >> 2]!; row < end; row += walkLayout.headerStride)
    found.push({ wasmOffset: words[(row + walkLayout.headerIndex) >> 2]!, label: words[(row + walkLayout.headerEntry) >> 2]! });
  return found;
}
