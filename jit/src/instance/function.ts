import type { Isa } from '@fireball/contracts';
import { usedField, type BulkOpName, type OpName } from '@fireball/wasm';
import * as records from '../core/layout/body.js';
import * as layout from '../core/layout/function.js';
import { call, loop, returnCall } from '../core/layout/classes.js';
import * as environmentLayout from '../core/layout/environment.js';
import { wayOf } from '../core/layout/operations.js';
import type { Features } from '../features.js';
import type { LinkEnvironment } from '../environment.js';
import type { FunctionSource } from '../plan/body.js';
import { noRoom, wordsIn, type Core } from './core.js';
import { operationOf, waysOf } from './operations.js';
import { targetNumbers } from './roles.js';

/** What a function is compiled for. */
export interface FunctionTarget {
  readonly isa: Isa;
  readonly features: Features;
}

/** Whether `FIREBALL_RECOUNT` asks for owners of registers to be counted anew after every operation. The tests have it on. */
const recounts = process.env['FIREBALL_RECOUNT'] === '1';

/** Names what the core has left to be named. */
function nameAsked(words: Int32Array, { index }: FunctionSource, environment: LinkEnvironment): void {
  const end = words[(environmentLayout.asked + usedField) >> 2]!;
  for (let row = words[environmentLayout.asked >> 2]!; row < end; row += 4) {
    const record = words[row >> 2]!;
    const kind = words[(record + records.classField) >> 2]! & 0xff;
    const a = words[(record + records.aField) >> 2]!;
    if (kind === call || kind === returnCall) {
      if (environment.directCalls?.reaches(index, a) !== true) continue;
      words[(record + records.addressField) >> 2] = 0;
    } else {
      const operation = words[(record + records.askedOperationField) >> 2]!;
      words[(record + records.addressField) >> 2] = addressOf(operation, a, words[(record + records.bField) >> 2]!, environment);
    }
  }
}

/** What an instruction works on, where that is one thing and no operand of a routine. */
const addressesByName: { readonly [Op in OpName]?: (environment: LinkEnvironment, index: number) => number } = {
  'table.size': (environment, index) => environment.table(index).record,
  'data.drop': (environment, index) => environment.dataRecord(index),
  'elem.drop': (environment, index) => environment.elementRecord(index),
};

function addressOf(operation: number, a: number, b: number, environment: LinkEnvironment): number {
  const { name } = operationOf(operation);
  return addressesByName[name]?.(environment, a) ?? environment.descriptorAddress(name as BulkOpName, a, b);
}

/** Which operations are carried out how, as it was written last, and where. */
const written: { core?: Core; ways?: Uint8Array } = {};

/** Writes it. */
export function writeWays(core: Core, { isa, features }: FunctionTarget): void {
  const ways = waysOf(isa, features);
  if (written.core === core && written.ways === ways) return;
  new Uint8Array(core.memory.buffer).set(ways, wayOf);
  Object.assign(written, { core, ways });
}

const isLoop = (words: Int32Array, record: number): boolean => (words[(record + records.classField) >> 2]! & 0xff) === loop;

/** Indices of the loops of the body in the core that begin at one of the offsets. */
export function enteredLoops(core: Core, osrLoops: ReadonlySet<number>): number[] {
  const words = wordsIn(core);
  const entered: number[] = [];
  if (osrLoops.size === 0) return entered;
  for (let index = 0, record = words[records.records >> 2]!; index < words[records.recordCount >> 2]!; index++, record += records.recordStride)
    if (isLoop(words, record) && osrLoops.has(words[(record + records.offsetField) >> 2]!)) entered.push(index);
  return entered;
}

/**
 * Writes what the core does not read in the body itself.
 * @param entered loops that can also be entered from outside, as the core names them
 * @param module where the core has what is told of the module
 * @param name has the core find what instructions name, and what has to be asked of others; false where there is no room
 * @throws NoRoomError
 */
export function writeFunction(
  core: Core,
  source: FunctionSource,
  target: FunctionTarget,
  environment: LinkEnvironment,
  entered: readonly number[],
  module: number,
  name: () => boolean,
  recordsLocations = false,
): void {
  const list = core.allocate(4 * entered.length);
  const { memory, safepoint, directCalls } = environment;
  const words = wordsIn(core);
  words.set(entered, list >> 2);
  words[layout.target >> 2] = targetNumbers[target.isa];
  words[layout.enteredLoops >> 2] = list;
  words[layout.enteredCount >> 2] = entered.length;
  words[layout.hasMemory >> 2] = Number(memory !== undefined);
  words[layout.memoryBase >> 2] = memory?.base ?? 0;
  words[layout.hasBytes >> 2] = Number((memory?.minBytes ?? 0) > 0);
  words[layout.lastByte >> 2] = (memory?.minBytes ?? 0) - 1;
  words[layout.isFixed >> 2] = Number(memory?.fixed ?? false);
  words[layout.isTrusted >> 2] = Number(memory?.boundsChecks === 'none');
  words[layout.checksWidely >> 2] = Number(memory?.boundsChecks === 'wide' && memory.fixed);
  words[layout.hasSafepoint >> 2] = Number(safepoint !== undefined);
  words[layout.safepointFlag >> 2] = safepoint?.flag ?? 0;
  words[environmentLayout.boundsRoutine >> 2] = memory?.boundsRoutine ?? 0;
  words[environmentLayout.memoryRecord >> 2] = memory?.record ?? 0;
  words[environmentLayout.pageShift >> 2] = memory?.pageShift ?? 16;
  words[environmentLayout.resultBuffer >> 2] = environment.resultBuffer;
  words[environmentLayout.moduleWords >> 2] = module;
  words[environmentLayout.farRoutines >> 2] = Number(environment.farRoutines === true);
  words[environmentLayout.safepointService >> 2] = safepoint?.service ?? 0;
  words[environmentLayout.stackLimit >> 2] = environment.stackLimit;
  words[environmentLayout.splitsMisaligned >> 2] = Number(environment.misaligned === 'split');
  words[environmentLayout.functionIndex >> 2] = source.index;
  words[environmentLayout.functionStart >> 2] = source.start;
  words[environmentLayout.recordsLocations >> 2] = Number(recordsLocations);
  words[environmentLayout.recountsOwners >> 2] = Number(recounts && core.isCounted !== true);
  words[environmentLayout.asksForCalls >> 2] = Number(directCalls !== undefined);
  words[environmentLayout.isBaseline >> 2] = Number(environment.compiler === 'baseline');
  writeWays(core, target);
  if (list === 0 || !name()) throw noRoom(source.index);
  nameAsked(wordsIn(core), source, environment);
}
