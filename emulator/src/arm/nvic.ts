import type { RegisterDescription } from '../machine/register-block.js';
import { exception } from './exceptions.js';
import type { ExceptionTable } from './exceptions.js';

const wordOf = (count: number, index: number, bit: (number: number) => boolean): number => {
  let word = 0;
  for (let at = 0; at < 32; at++) {
    const number = exception.firstInterrupt + 32 * index + at;
    if (number < count && bit(number)) word |= 1 << at;
  }
  return word >>> 0;
};

/** Registers of the Nested Vectored Interrupt Controller, by offset from 0xE000E000 (Armv7-M ARM, B3.4; Armv6-M ARM, B3.4). */
export function nvicRegisters(exceptions: ExceptionTable, version: 6 | 7 | 8): RegisterDescription[] {
  const words = Math.max(1, Math.ceil((exceptions.count - exception.firstInterrupt) / 32));
  const each = (index: number, written: number, action: (number: number) => void): void => {
    for (let at = 0; at < 32; at++) {
      const number = exception.firstInterrupt + 32 * index + at;
      if ((written & (1 << at)) !== 0 && number < exceptions.count) action(number);
    }
  };
  const bits = (name: string, offset: number, read: (number: number) => boolean, write?: (number: number) => void): RegisterDescription => ({
    name,
    offset,
    count: words,
    ...(write === undefined ? { access: 'ro' } : {}),
    read: (_, index) => wordOf(exceptions.count, index, read),
    write: (_, _before, written, index) => {
      if (write !== undefined) each(index, written, write);
    },
  });
  const enabled = (number: number): boolean => exceptions.isEnabled(number);
  const pending = (number: number): boolean => exceptions.isPending(number);
  const registers: RegisterDescription[] = [
    bits('NVIC_ISER', 0x100, enabled, (number) => {
      exceptions.setEnabled(number, true);
    }),
    bits('NVIC_ICER', 0x180, enabled, (number) => {
      exceptions.setEnabled(number, false);
    }),
    bits('NVIC_ISPR', 0x200, pending, (number) => {
      exceptions.setPending(number);
    }),
    bits('NVIC_ICPR', 0x280, pending, (number) => {
      exceptions.clearPending(number);
    }),
    {
      name: 'NVIC_IPR',
      offset: 0x400,
      count: 8 * words,
      read: (_, index) => {
        let word = 0;
        for (let at = 3; at >= 0; at--) word = (word << 8) | (exceptions.state.priority[exception.firstInterrupt + 4 * index + at] ?? 0);
        return word >>> 0;
      },
      write: (stored, before, _written, index) => {
        for (let at = 0; at < 4; at++) {
          const number = exception.firstInterrupt + 4 * index + at;
          const priority = (stored >>> (8 * at)) & 0xff;
          if (number < exceptions.count && priority !== ((before >>> (8 * at)) & 0xff)) exceptions.setPriority(number, priority);
        }
      },
    },
  ];
  if (version === 6) return registers;
  registers.push(
    bits('NVIC_IABR', 0x300, (number) => exceptions.isActive(number)),
    // INTLINESNUM: groups of 32 beyond the first.
    { name: 'ICTR', offset: 0x4, access: 'ro', reset: words - 1 },
    {
      name: 'STIR',
      offset: 0xf00,
      access: 'wo',
      write: (_, _before, written) => {
        const number = exception.firstInterrupt + (written & 0x1ff);
        if (number < exceptions.count) exceptions.setPending(number);
      },
    },
  );
  return registers;
}
