import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

/**
 * INTE, INTF and INTS of a peripheral: what is enabled or forced asks for an interrupt. `raw` is INTR; a suffix tells several sets apart.
 */
export function interruptRegisters(
  offset: number,
  options: { readonly bits: number; readonly suffix?: string; readonly raw: () => number; readonly block: () => RegisterBlock; readonly update: () => void },
): readonly RegisterDescription[] {
  const { bits, suffix = '', raw, block, update } = options;
  return [
    { name: `INTE${suffix}`, offset, writable: bits, write: update },
    { name: `INTF${suffix}`, offset: offset + 4, writable: bits, write: update },
    { name: `INTS${suffix}`, offset: offset + 8, access: 'ro', steady: true, read: () => interruptStatus(block(), raw(), suffix) },
  ];
}

export function interruptStatus(block: RegisterBlock, raw: number, suffix = ''): number {
  return ((raw & block.get(`INTE${suffix}`)) | block.get(`INTF${suffix}`)) >>> 0;
}
