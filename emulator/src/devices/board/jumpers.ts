import { UsageError } from '@fireball/contracts';
import type { DeviceClass } from '../../machine/device.js';

/** Wires of a board: what one pin puts out, another one gets. */
export const jumpers: DeviceClass = {
  name: 'jumpers',
  summary: 'wires from pins to pins',
  size: 0,
  parameters: { wires: { type: 'text', summary: 'from and to, with blanks between them: tim3.ch1>tim2.ch1 gpioa.0>gpiob.1' } },
  create(environment) {
    const wires = environment
      .text('wires')
      .split(/\s+/)
      .map((wire) => {
        const ends = /^([\w-]+\.[\w-]+)>([\w-]+\.[\w-]+)$/.exec(wire);
        if (ends === null) throw new UsageError(`device '${environment.name}': wires are written gpioa.0>gpiob.1, with blanks between them`);
        return { from: environment.wire(ends[1] ?? ''), to: environment.wire(ends[2] ?? '') };
      });
    for (const { from, to } of wires) {
      from.onChange((level) => {
        to.set(level);
      });
    }
    return {
      state: {},
      read: () => 0,
      write: () => undefined,
      reset() {
        for (const { from, to } of wires) to.set(from.level);
      },
    };
  },
};
