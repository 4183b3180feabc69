import { InternalError, type Isa } from '@fireball/contracts';
import { opcodes } from '@fireball/wasm';

/**
 * What the interpreter in ROM reads from memory. Offsets are in bytes; the builder hands them to the assembler, so that
 * the interpreter (vsoc/guest/rom/interp) and the host, which fills these records, cannot disagree.
 */

function offsets<const Name extends string>(first: number, step: number, names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, first + step * index])) as Record<Name, number>;
}

/**
 * Per function. It begins with the entry: code that loads the descriptor's address and jumps to the word at
 * `entryPointer`. Behind it the words named here, in the order in which the interpreter loads them together.
 */
export const descriptor = offsets(16, 4, ['CODE', 'SIDE', 'TABLE', 'END', 'FRAME', 'PARAMETERS', 'ZERO', 'SHAPE', 'INSTANCE', 'PROFILE']);
export const descriptorBytes = 56;

/** Per function that may become native, in RAM. */
export const profile = offsets(0, 4, [
  /** Calls until the service is asked, less one. */
  'COUNTER',
  /** Address of its code, as slots have it; 0 where there is none. */
  'NATIVE',
  'SLOT',
]);
export const profileBytes = 16;

/** Per instance, below its address; at the address and behind it are the addresses of the globals' cells. */
export const instanceRecord = offsets(-4, -4, [
  /** Memory record. */
  'MEMORY',
  'STACK_LIMIT',
  /** Slots by function index: a list of their addresses. */
  'SLOTS',
  /** Where the instance's descriptors begin, bit 0 set as in code addresses of Thumb. */
  'ENTRIES',
  /** Distance from there to the last one. */
  'ENTRY_BYTES',
  /** Canonical type numbers by type index. */
  'TYPES',
  'TYPE_SHAPES',
  'FUNCTION_SHAPES',
  /** Addresses of records, by index. */
  'TABLES',
  'DATA',
  'ELEMENTS',
  'RESULT_BUFFER',
  /** Code of memory.grow: pages, memory record -> old size in pages or -1. */
  'GROW',
  /** Address of the word that holds the position of the routine call under way. */
  'CONTEXT',
  /** Code to call at a loop whose counter is used up: counter -> code that goes on with this frame or 0, its shape, last side entry. */
  'LOOP_SERVICE',
  /** Code to call at a call whose counter is used up: profile. */
  'CALL_SERVICE',
  /** Address of the word that safepoints look at, and the yield service (jit/ABI.md, "Safepoints"). */
  'YIELD',
  'YIELD_SERVICE',
]);
export const instanceRecordBytes = 72;

/** Per function type: how its values travel between slots and the native ABI. */
export const shape = offsets(0, 4, [
  /** How many parameters travel in registers. */
  'REGISTERS',
  /** Bit i: parameter i, in registers, has two words. */
  'WIDE_REGISTERS',
  /** Bytes of all parameters' slots. */
  'PARAMETERS',
  /** Bytes of stack that the callee pops. */
  'STACK',
  /** Bytes of the slots of parameters in it. */
  'STACK_SLOTS',
  'RESULTS',
  /** Bytes of stack for the results' slots and one more. */
  'RESULT_AREA',
  /** From here on a byte per result: its words. */
  'RESULT_WORDS',
]);

/** The one prefix byte. */
export const prefixFc = 0xfc;

/** Place of an opcode in a dispatch table: those of one byte first, then those behind the prefix. */
export function opcodePlace(code: number): number {
  if (code < 0x100) return code;
  if (code >> 8 !== prefixFc) throw new InternalError(`opcode 0x${code.toString(16)} has no place in the dispatch tables`);
  return 0x100 + (code & 0xff);
}

/** The words behind the first 256 come in groups of so many. */
const prefixedGroup = 32;
/** Words per dispatch table: every opcode there is has its place. */
export const tableEntries = 0x100 + prefixedGroup * Math.ceil((Math.max(...opcodes.map(({ code }) => opcodePlace(code))) + 1 - 0x100) / prefixedGroup);
/** The tables in the image, one behind the other. RISC-V has one more per number of operands in registers. */
export const tables = {
  thumb2: ['narrow', 'wide', 'general'],
  rv32: ['narrow, none cached', 'narrow', 'narrow, two cached', 'wide, none cached', 'wide', 'general, none cached', 'general'],
} as const satisfies Record<Isa, readonly string[]>;
/** What a function may run with. */
export type TableSet = (typeof tables)['thumb2'][number];

/**
 * Indices below the memory's size minus this pass the short bounds check: an offset of at most 127, then 8 bytes.
 * `index < size - margin` means index + 127 + 8 <= size.
 */
const memoryMargin = 134;

/** Opcodes of loop and of the calls. */
const countedOpcodes = [0x03, 0x10, 0x11, 0x12, 0x13];
/** Where functions may become native, handlers that count take the place of those of loop and calls: opcode -> its place in the tables. */
export const countedHandlers: ReadonlyMap<number, number> = new Map(countedOpcodes.map((opcode, index) => [opcode, 0xe0 + index]));
/** The same with a safepoint before. */
export const safepointHandlers: ReadonlyMap<number, number> = new Map(countedOpcodes.map((opcode, index) => [opcode, 0xe5 + index]));

/** What a counter holds that nobody waits for. */
export const endlessCount = 0x7fff_ffff;

/** Number in the trap instruction of an opcode that validation lets nobody reach. */
const illegalOpcode = 254;

/** The same as definitions of the C preprocessor; distances in instance records are positive there. */
export function layoutDefinitions(): Readonly<Record<string, number>> {
  const named = (prefix: string, record: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(record).map(([name, offset]) => [`${prefix}${name}`, offset]);
  return {
    ...Object.fromEntries([
      ...named('D_', descriptor),
      ...named('I_', instanceRecord).map(([name, offset]): [string, number] => [name, -offset]),
      ...named('SHAPE_', shape),
    ]),
    TABLE_BYTES: 4 * tableEntries,
    MEMORY_MARGIN: memoryMargin,
    ILLEGAL_OPCODE: illegalOpcode,
  };
}

/** The same for C that makes these records on a device. */
export function programDefinitions(): Readonly<Record<string, number>> {
  const sets = Object.entries(tables).flatMap(([isa, names]): [string, number][] => {
    const all: readonly string[] = names;
    const prefix = isa.toUpperCase();
    return [
      [`${prefix}_TABLES`, all.length],
      ...(['narrow', 'wide', 'general'] satisfies TableSet[]).map((set): [string, number] => [`${prefix}_${set.toUpperCase()}`, all.indexOf(set)]),
    ];
  });
  const [first] = countedHandlers.values();
  if (first === undefined) throw new InternalError('no handler counts');
  return { ...layoutDefinitions(), ...Object.fromEntries(sets), DESCRIPTOR_BYTES: descriptorBytes, RECORD_BYTES: instanceRecordBytes, COUNTED_PLACES: first };
}
