import type { BusDevice } from '@fireball/contracts';

/** Registers of the DMA controller: byte offsets from its base, 32 bits each. */
export const dmaRegisters = {
  /** Where bytes come from, and go to: guest addresses. */
  SOURCE: 0x0,
  DESTINATION: 0x4,
  /** Bytes. */
  LENGTH: 0x8,
  /** Writing 1 copies at once. Reads as 0: nothing is under way. */
  CONTROL: 0xc,
  /** 1: the last transfer touched an address that the controller does not reach, and copied nothing. */
  STATUS: 0x10,
} as const;

/** What a bus master beside the CPU reads and writes; no protection of the CPU's applies to it. */
export interface PhysicalMemory {
  /** Undefined where there is no memory in all of [address, address + length). */
  read(address: number, length: number): Uint8Array | undefined;
  /** False where there is none; then nothing is written. */
  write(address: number, bytes: Uint8Array): boolean;
}

/** A DMA controller of one channel, which copies at once. The CPU's instruction cache sees nothing of it. */
export class DmaController implements BusDevice {
  private readonly registers = new Map<number, number>();

  constructor(private readonly memory: PhysicalMemory) {}

  read(offset: number): number {
    return this.registers.get(offset & ~3) ?? 0;
  }

  write(offset: number, size: number, value: number): void {
    if (size !== 4) return;
    if (offset !== dmaRegisters.CONTROL) this.registers.set(offset, value >>> 0);
    else if ((value & 1) !== 0) this.registers.set(dmaRegisters.STATUS, this.copy() ? 0 : 1);
  }

  private copy(): boolean {
    const bytes = this.memory.read(this.read(dmaRegisters.SOURCE), this.read(dmaRegisters.LENGTH));
    return bytes !== undefined && this.memory.write(this.read(dmaRegisters.DESTINATION), bytes);
  }
}
