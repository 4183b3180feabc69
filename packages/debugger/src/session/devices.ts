import type { DebugTarget, DeviceField, DeviceRegister } from '@fireball/contracts';

/** A device with those of its registers that have names. */
export interface Device {
  readonly name: string;
  readonly base: number;
  /** By ascending address. */
  readonly registers: readonly NamedRegister[];
}

/** A register of a device, by its own name. */
export interface NamedRegister extends DeviceRegister {
  /** Without the device's name. */
  readonly ownName: string;
}

/** Bytes of the largest register that has a value as a number. */
const largestNumber = 8;

/** The devices of a target that have registers with names, by ascending address. */
export function devicesOf(target: DebugTarget): readonly Device[] {
  const registers = target.deviceRegisters?.() ?? [];
  return target
    .memoryMap()
    .filter(({ kind }) => kind === 'device')
    .map(({ name, base, size }) => ({
      name,
      base,
      registers: registers
        .filter(({ address }) => address >= base && address < base + size)
        .map((register) => ({ ...register, ownName: register.name.replace(/^[^.]*\./, '') })),
    }))
    .filter((device) => device.registers.length > 0);
}

/** What a register holds, unsigned; undefined where a read may have an effect. */
export function valueOfRegister(target: DebugTarget, { address, size }: DeviceRegister): bigint | undefined {
  const bytes = size > largestNumber ? undefined : target.peek(address, size);
  return bytes?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** What a field of a register has of its value. */
export function valueOfField(value: bigint, { lowest, bits }: DeviceField): bigint {
  return BigInt.asUintN(bits, value >> BigInt(lowest));
}
