import type { DeviceItem } from '../model/devices.js';
import type { ScreenModel } from '../model/model.js';
import type { Span } from '../screen/canvas.js';
import type { Glyphs } from '../screen/glyphs.js';

/** A line of the pane: a device, or a register of one that is open. */
interface DeviceRow {
  readonly device: DeviceItem;
  readonly register?: NonNullable<DeviceItem['registers']>[number];
}

/** Columns of names of registers. */
const nameWidth = 12;

/** All lines of the pane. */
export function deviceRows({ devices }: Pick<ScreenModel, 'devices'>): readonly DeviceRow[] {
  return devices.flatMap((device): DeviceRow[] => [{ device }, ...(device.registers ?? []).map((register) => ({ device, register }))]);
}

/** Each device with its address; below those that are open, their registers with values and fields. */
export function deviceLines(model: ScreenModel, glyphs: Glyphs): readonly (readonly Span[])[] {
  const widest = Math.max(0, ...model.devices.map(({ name }) => name.length));
  return deviceRows(model).map(({ device, register }): Span[] => {
    if (register === undefined) {
      const { name, base, count, registers } = device;
      return [
        { text: ` ${registers === undefined ? glyphs.closed : glyphs.open} ${name.padEnd(widest)}`, role: 'plain' },
        { text: `  ${base.toString(16).padStart(8, '0')}  ${count}`, role: 'dim' },
      ];
    }
    const { name, text, fields, changed } = register;
    const start: Span = { text: `   ${name.padEnd(nameWidth)}`, role: 'dim' };
    if (text === undefined) return [start, { text: ' not read', role: 'dim' }];
    return [
      start,
      { text: `${changed ? '*' : ' '}${text}`, role: changed ? 'changed' : 'plain' },
      { text: fields.map((field) => `  ${field.name} ${field.text}`).join(''), role: 'dim' },
    ];
  });
}
