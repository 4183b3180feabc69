import { UsageError } from '@fireball/contracts';
import type { DeviceClass } from '../../machine/device.js';

/** Resistors of a board, and buttons that nobody presses: what levels pins have from outside of the chip. */
export const pullUps: DeviceClass = {
  name: 'pull-ups',
  summary: 'pins that a board holds high: resistors, buttons that connect to ground',
  size: 0,
  parameters: { pins: { type: 'text', summary: 'their names, with blanks between them: gpio.17 gpio.26' } },
  create(environment) {
    const names = environment.text('pins').split(/\s+/);
    if (names.some((name) => !/^[\w-]+\.[\w-]+$/.test(name)))
      throw new UsageError(`device '${environment.name}': pins are written gpio.17, with blanks between them`);
    for (const name of names) environment.wire(name).set(true);
    return { state: {}, read: () => 0, write: () => undefined, reset: () => undefined };
  },
};
