import type { Machine } from '@fireball/emulator';

/** Addresses of the fault status registers (Armv7-M ARM, B3.2.2). */
const registers = { cfsr: 0xe000_ed28, hfsr: 0xe000_ed2c, mmfar: 0xe000_ed34, bfar: 0xe000_ed38 } as const;

/** What the fault status registers of a Cortex-M say; of one that has none, the same as bits of CFSR, and the address that was accessed. */
export type FaultStatus = Readonly<Record<keyof typeof registers, number>> | NonNullable<Machine['processor']['unreportedFault']>;

/** Reads them. */
export function faultStatus({ bus, processor }: Machine): FaultStatus {
  const read = (address: number): number => bus.read(address, 4) ?? 0;
  const { cfsr, hfsr, mmfar, bfar } = registers;
  return processor.unreportedFault ?? { cfsr: read(cfsr), hfsr: read(hfsr), mmfar: read(mmfar), bfar: read(bfar) };
}
