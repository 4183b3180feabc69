import { formatCount } from '@fireball/contracts';
import { compareHostCalls, stackBound, type Engine, type EngineInstance, type Outcome } from '@fireball/engines';
import { formatValue, isExhaustionTrap, sameValue, type Value, type WasmModule, type Work } from '@fireball/wasm';

/** One way in which two engines disagree, in words. */
export interface Difference {
  readonly expected: string;
  readonly actual: string;
}

/** The reference ran out of something: it says nothing about the call. */
export function isExhaustion(outcome: Outcome): boolean {
  return outcome.trap?.kinds.some(isExhaustionTrap) ?? false;
}

/** The call was ended because it took longer than it can need. */
export function isEndless({ trap }: Outcome): boolean {
  return trap?.kinds.includes('out of fuel') ?? false;
}

export function describeEndless({ statistics }: Outcome, work: Work | undefined): string {
  const limit = statistics.instructions > 0 ? ` within ${formatCount(statistics.instructions)} instructions` : '';
  const took = work === undefined ? '' : `, where the reference took ${formatCount(work.instructions)} wasm instructions`;
  return `does not end${limit}${took}`;
}

/**
 * What it means that an engine ran out of something in a call which the reference finished (hazard 15). Its limits are derived from
 * what the reference took, so that it is a difference; but a stack that the call need not fit into says nothing: `inconclusive`.
 * Undefined where it ran out of nothing.
 */
export function judgeExhaustion(
  { stackBytes }: Pick<Engine, 'stackBytes'>,
  work: Work | undefined,
  expected: Outcome,
  actual: Outcome,
): Difference | 'inconclusive' | undefined {
  if (!isExhaustion(actual)) return undefined;
  if (isEndless(actual)) return { expected: describeOutcome(expected), actual: describeEndless(actual, work) };
  if (work === undefined || stackBytes === undefined || stackBound(work) > stackBytes) return 'inconclusive';
  return {
    expected: describeOutcome(expected),
    actual: `${describeOutcome(actual)}, of ${formatCount(stackBytes)} bytes, by ${formatCount(work.frames)} nested calls with ${formatCount(work.slots)} locals and operands`,
  };
}

/** Compares what a call asked of its host, and how it ended: trap kinds, or results bit for bit. */
export function compareOutcomes(expected: Outcome, actual: Outcome, nanByClass: boolean): Difference | undefined {
  const agree =
    expected.trap === null || actual.trap === null
      ? expected.trap === actual.trap && sameValues(expected.results, actual.results, nanByClass)
      : expected.trap.kinds.some((kind) => actual.trap!.kinds.includes(kind));
  const hostCalls = compareHostCalls(expected.hostCalls ?? [], actual.hostCalls ?? [], nanByClass);
  if (hostCalls !== undefined) return hostCalls;
  return agree ? undefined : { expected: describeOutcome(expected), actual: describeOutcome(actual) };
}

function sameValues(a: readonly Value[], b: readonly Value[], nanByClass: boolean): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index]!, nanByClass));
}

/**
 * What is missing in the proof that an engine ran a call as it claims: compiled code and nothing else, or the interpreter in
 * ROM and nothing compiled. A first instruction that trapped is not retired, but known by its place. Undefined where nothing
 * is missing.
 */
export function missingProof(
  { native, romInterpreter, mixedMode }: Pick<Engine, 'native' | 'romInterpreter' | 'mixedMode'>,
  { statistics, trap }: Outcome,
): Difference | undefined {
  const { fallbacks, instructions, nativeInstructions, interpreterInstructions, compiledFunctions } = statistics;
  const trapped = typeof trap?.wasmOffset === 'number';
  if (native && (fallbacks > 0 || (nativeInstructions === 0 && !trapped))) {
    return {
      expected: 'every function compiled, instructions retired in sealed code',
      actual: `${fallbacks} functions not compiled, ${nativeInstructions} instructions retired in sealed code`,
    };
  }
  if (romInterpreter && (compiledFunctions > 0 || nativeInstructions > 0 || (interpreterInstructions === 0 && !trapped))) {
    return {
      expected: 'no function compiled, instructions retired in the interpreter',
      actual: `${compiledFunctions} functions compiled, ${interpreterInstructions} instructions retired in the interpreter`,
    };
  }
  if (mixedMode && instructions === 0 && !trapped) {
    return { expected: 'instructions executed on the emulated CPU', actual: 'none' };
  }
  return undefined;
}

/** One line for reports: results or trap. */
export function describeOutcome({ results, trap }: Outcome): string {
  if (trap !== null) return `trap: ${trap.kinds.join(' or ')}`;
  return results.length === 0 ? 'no result' : results.map(formatValue).join(', ');
}

/** Compares everything that a call leaves behind: all bytes of all memories, all globals. */
export function compareState(module: WasmModule, expected: EngineInstance, actual: EngineInstance, nanByClass: boolean): Difference | undefined {
  for (const index of module.memories.keys()) {
    const difference = compareMemories(index, expected.memory(index), actual.memory(index), nanByClass);
    if (difference !== undefined) return difference;
  }
  for (const index of module.globals.keys()) {
    const [a, b] = [expected.global(index), actual.global(index)];
    if (!sameValue(a, b, nanByClass)) {
      return { expected: `global ${index} = ${formatValue(a)}`, actual: `global ${index} = ${formatValue(b)}` };
    }
  }
  return undefined;
}

/**
 * The first byte that differs. `nanByClass`: where both have a NaN, `actual` takes over the expected bits,
 * because later calls may look at them as integers.
 */
function compareMemories(index: number, expected: Uint8Array, actual: Uint8Array, nanByClass: boolean): Difference | undefined {
  if (expected.length !== actual.length) {
    return { expected: `memory ${index}: ${expected.length} bytes`, actual: `memory ${index}: ${actual.length} bytes` };
  }
  if (Buffer.compare(expected, actual) === 0) return undefined;
  for (let address = nextDifference(expected, actual, 0); address >= 0; address = nextDifference(expected, actual, address)) {
    if (nanByClass && adoptNaN(expected, actual, address)) continue;
    const show = (bytes: Uint8Array): string => `memory ${index}[0x${address.toString(16)}] = 0x${bytes[address]!.toString(16).padStart(2, '0')}`;
    return { expected: show(expected), actual: show(actual) };
  }
  return undefined;
}

/** Bytes that are compared at once. */
const blockSize = 4096;

/** Address of the first byte that differs, at `from` or behind it; -1 where there is none. */
function nextDifference(a: Uint8Array, b: Uint8Array, from: number): number {
  for (let start = from; start < a.length; start += blockSize) {
    const block = a.subarray(start, start + blockSize);
    if (Buffer.compare(block, b.subarray(start, start + blockSize)) !== 0) return start + block.findIndex((byte, at) => byte !== b[start + at]);
  }
  return -1;
}

/** Gives `actual` the NaN around `address` that `expected` has, if both have one: anywhere, as stores may be misaligned. */
function adoptNaN(expected: Uint8Array, actual: Uint8Array, address: number): boolean {
  for (const size of [4, 8]) {
    for (let start = Math.max(0, address - size + 1); start <= Math.min(address, expected.length - size); start++) {
      if (![expected, actual].every((bytes) => Number.isNaN(floatAt(bytes, start, size)))) continue;
      actual.set(expected.subarray(start, start + size), start);
      return true;
    }
  }
  return false;
}

function floatAt(bytes: Uint8Array, address: number, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + address, size);
  return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}
