import type { AccessSize, Device } from '../../machine/device.js';
import type { RegisterBlock } from '../../machine/register-block.js';

/** Bytes that a peripheral of RP2040 takes: its registers, and three times the same. */
export const peripheralSize = 0x4000;

/**
 * The four faces of a peripheral (RP2040 data sheet, 2.1.2): plain, XOR at +0x1000, set at +0x2000, clear at +0x3000. A narrow write fills all
 * byte lanes of the word with its value (2.1.4). Bits that are cleared by writing ones are cleared by any of the faces.
 */
export function withAtomicAliases(block: Device & Pick<RegisterBlock, 'accessAt'>): Device {
  return {
    state: block.state,
    reset: (cause) => {
      block.reset(cause);
    },
    ...(block.restored === undefined ? {} : { restored: () => block.restored?.() }),
    registerAt: (offset) => block.registerAt?.(offset & 0xfff),
    isSteady: (offset, value) => block.isSteady?.(offset & 0xfff, value) === true,
    peek: (offset, size) => block.peek?.(offset & 0xfff, size),
    read: (offset, size) => block.read(offset & 0xfff, size),
    write(offset, size: AccessSize, value) {
      const register = offset & 0xffc;
      const word = wholeWord(size, value);
      const face = (offset >>> 12) & 3;
      const access = block.accessAt(register);
      const plain = face === 0 || access === 'w1c' || access === 'wo';
      const before = plain ? 0 : block.read(register, 4);
      block.write(register, 4, (plain ? word : face === 1 ? before ^ word : face === 2 ? before | word : before & ~word) >>> 0);
    },
  };
}

/** A byte or half-word in every lane of the word. */
export function wholeWord(size: AccessSize, value: number): number {
  if (size === 1) return ((value & 0xff) * 0x0101_0101) >>> 0;
  if (size === 2) return ((value & 0xffff) * 0x0001_0001) >>> 0;
  return value >>> 0;
}
