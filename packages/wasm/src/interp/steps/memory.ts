import type { MemoryAccessOpName } from '../../opcodes.js';
import { Trap } from '../../trap.js';
import type { MemoryInstance } from '../memory.js';
import type { ExecutionState, Step } from '../structure.js';

/** Reads at a checked address into the two words of the slot at word index `at`. */
type Load = (words: Int32Array, at: number, view: DataView, address: number) => void;
/** Writes the slot at word index `at` to a checked address. */
type Store = (words: Int32Array, at: number, view: DataView, address: number) => void;

/** Sign-extends the low word into the high one. */
function extend(words: Int32Array, at: number, low: number): void {
  words[at] = low;
  words[at + 1] = low >> 31;
}

function zeroExtend(words: Int32Array, at: number, low: number): void {
  words[at] = low;
  words[at + 1] = 0;
}

// Floats are moved as words: loads and stores never touch a NaN.
const load32: Load = (words, at, view, address) => {
  words[at] = view.getInt32(address, true);
};
const load64: Load = (words, at, view, address) => {
  words[at] = view.getInt32(address, true);
  words[at + 1] = view.getInt32(address + 4, true);
};
const store8: Store = (words, at, view, address) => view.setInt8(address, words[at]!);
const store16: Store = (words, at, view, address) => view.setInt16(address, words[at]!, true);
const store32: Store = (words, at, view, address) => view.setInt32(address, words[at]!, true);
const store64: Store = (words, at, view, address) => {
  view.setInt32(address, words[at]!, true);
  view.setInt32(address + 4, words[at + 1]!, true);
};

type LoadName = Extract<MemoryAccessOpName, `${string}load${string}`>;
type StoreName = Extract<MemoryAccessOpName, `${string}store${string}`>;

const loads: Record<LoadName, Load> = {
  'i32.load': load32,
  'i64.load': load64,
  'f32.load': load32,
  'f64.load': load64,
  'i32.load8_s': (words, at, view, address) => {
    words[at] = view.getInt8(address);
  },
  'i32.load8_u': (words, at, view, address) => {
    words[at] = view.getUint8(address);
  },
  'i32.load16_s': (words, at, view, address) => {
    words[at] = view.getInt16(address, true);
  },
  'i32.load16_u': (words, at, view, address) => {
    words[at] = view.getUint16(address, true);
  },
  'i64.load8_s': (words, at, view, address) => extend(words, at, view.getInt8(address)),
  'i64.load8_u': (words, at, view, address) => zeroExtend(words, at, view.getUint8(address)),
  'i64.load16_s': (words, at, view, address) => extend(words, at, view.getInt16(address, true)),
  'i64.load16_u': (words, at, view, address) => zeroExtend(words, at, view.getUint16(address, true)),
  'i64.load32_s': (words, at, view, address) => extend(words, at, view.getInt32(address, true)),
  'i64.load32_u': (words, at, view, address) => zeroExtend(words, at, view.getInt32(address, true)),
};

const stores: Record<StoreName, Store> = {
  'i32.store': store32,
  'i64.store': store64,
  'f32.store': store32,
  'f64.store': store64,
  'i32.store8': store8,
  'i32.store16': store16,
  'i64.store8': store8,
  'i64.store16': store16,
  'i64.store32': store32,
};

/**
 * Effective address of an access of `width` bytes: a 33-bit sum, the offset does not wrap. Checked as a whole, so a
 * store that is out of bounds at its end changes nothing.
 */
function effectiveAddress(memory: MemoryInstance, base: number, offset: number, width: number): number {
  const address = (base >>> 0) + offset;
  if (address + width > memory.byteLength) throw new Trap('out of bounds memory access');
  return address;
}

/** The step of a load or store. */
export function accessStep(name: MemoryAccessOpName, width: number, memory: MemoryInstance, offset: number): Step {
  if (name in loads) {
    const load = loads[name as LoadName];
    return (m) => {
      const at = (m.sp - 1) << 1;
      load(m.words, at, memory.view, effectiveAddress(memory, m.words[at]!, offset, width));
    };
  }
  const store = stores[name as StoreName];
  return (m) => {
    const at = (m.sp -= 2) << 1;
    store(m.words, at + 2, memory.view, effectiveAddress(memory, m.words[at]!, offset, width));
  };
}

/** Pops three i32 operands as unsigned numbers, in the order they were pushed. */
export function popThree(m: ExecutionState): readonly [number, number, number] {
  const at = (m.sp -= 3) << 1;
  return [m.words[at]! >>> 0, m.words[at + 2]! >>> 0, m.words[at + 4]! >>> 0];
}

export const memoryFill =
  (memory: MemoryInstance): Step =>
  (m) => {
    const [address, value, length] = popThree(m);
    memory.fill(address, value, length);
    m.units += length;
  };

export const memoryCopy =
  (memory: MemoryInstance): Step =>
  (m) => {
    const [to, from, length] = popThree(m);
    memory.copy(to, from, length);
    m.units += length;
  };

/** `content` gives the data segment's bytes, none once it was dropped. */
export const memoryInit =
  (memory: MemoryInstance, content: () => Uint8Array): Step =>
  (m) => {
    const [to, from, length] = popThree(m);
    memory.init(content(), to, from, length);
    m.units += length;
  };

export const memorySize =
  (memory: MemoryInstance): Step =>
  (m) => {
    m.words[m.sp++ << 1] = memory.pages;
  };

export const memoryGrow =
  (memory: MemoryInstance): Step =>
  (m) => {
    const top = (m.sp - 1) << 1;
    m.words[top] = memory.grow(m.words[top]! >>> 0);
  };
