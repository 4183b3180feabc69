import { printable } from '@fireball/contracts';
import { valueOfField, valueOfRegister, type Device, type Session } from '@fireball/debugger';

/** A device of the machine. */
export interface DeviceItem {
  readonly name: string;
  readonly base: number;
  /** How many registers it has. */
  readonly count: number;
  /** Undefined where they are not shown. */
  readonly registers: readonly DeviceRegisterItem[] | undefined;
}

/** A register of a device. */
interface DeviceRegisterItem {
  readonly name: string;
  /** Hexadecimal; undefined where a read may have an effect. */
  readonly text: string | undefined;
  readonly fields: readonly { readonly name: string; readonly text: string }[];
  readonly changed: boolean;
}

/** The devices, with the registers of those that are open. What differs from `before` is marked, where it is another position. */
export function devicesShown(
  { target }: Session,
  devices: readonly Device[],
  open: ReadonlySet<string>,
  before: readonly DeviceItem[],
  isNew: boolean,
): DeviceItem[] {
  return devices.map(({ name, base, registers }) => {
    const item = { name: printable(name), base, count: registers.length };
    if (!open.has(name)) return { ...item, registers: undefined };
    const old = new Map(before.find((device) => device.name === name)?.registers?.map((register) => [register.name, register]));
    const shown = registers.map((register): DeviceRegisterItem => {
      const value = valueOfRegister(target, register);
      const text = value?.toString(16).padStart(2 * register.size, '0');
      const fields = value === undefined ? [] : (target.deviceFields?.(register) ?? []);
      const was = old.get(register.ownName);
      return {
        name: printable(register.ownName),
        text,
        fields: fields.map((field) => ({ name: printable(field.name), text: valueOfField(value!, field).toString() })),
        changed: was !== undefined && (isNew ? was.text !== text : was.changed),
      };
    });
    return { ...item, registers: shown };
  });
}
