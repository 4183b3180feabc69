import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

const dirty = 2;
const ready = 1;

/**
 * The integer divider of SIO (data sheet, 2.3.1.5): the quotient is there at once, instead of after eight cycles. Results may be written, too: an
 * interrupt handler puts them back.
 */
export function dividerRegisters(offset: number, block: () => RegisterBlock): readonly RegisterDescription[] {
  const operand = (name: string, at: number, other: string, signed: boolean): RegisterDescription => ({
    name,
    offset: offset + at,
    write: (stored) => {
      // Signed and unsigned names lead to the same two operands.
      block().set(other, stored);
      const { quotient, remainder } = divide(block().get('DIV_UDIVIDEND'), block().get('DIV_UDIVISOR'), signed);
      block().set('DIV_QUOTIENT', quotient);
      block().set('DIV_REMAINDER', remainder);
      block().set('DIV_CSR', ready | dirty);
    },
  });
  const markDirty = (): void => {
    block().set('DIV_CSR', ready | dirty);
  };
  return [
    operand('DIV_UDIVIDEND', 0x0, 'DIV_SDIVIDEND', false),
    operand('DIV_UDIVISOR', 0x4, 'DIV_SDIVISOR', false),
    operand('DIV_SDIVIDEND', 0x8, 'DIV_UDIVIDEND', true),
    operand('DIV_SDIVISOR', 0xc, 'DIV_UDIVISOR', true),
    {
      name: 'DIV_QUOTIENT',
      offset: offset + 0x10,
      read: (stored) => {
        block().set('DIV_CSR', ready);
        return stored;
      },
      write: markDirty,
    },
    { name: 'DIV_REMAINDER', offset: offset + 0x14, write: markDirty },
    { name: 'DIV_CSR', offset: offset + 0x18, access: 'ro', reset: ready },
  ];
}

/** By zero: all ones, or one away from the dividend's sign; the remainder is the dividend. */
function divide(dividend: number, divisor: number, signed: boolean): { readonly quotient: number; readonly remainder: number } {
  if (!signed) {
    if (divisor === 0) return { quotient: 0xffff_ffff, remainder: dividend };
    return { quotient: Math.floor(dividend / divisor), remainder: dividend % divisor };
  }
  const above = dividend | 0;
  const below = divisor | 0;
  if (below === 0) return { quotient: above < 0 ? 1 : 0xffff_ffff, remainder: dividend };
  return { quotient: (above / below) >>> 0, remainder: (above % below) >>> 0 };
}
