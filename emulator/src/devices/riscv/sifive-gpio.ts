import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import type { RegisterDescription } from '../../machine/register-block.js';

const pins = 32;

/** GPIO of SiFive's chips: every pin has an interrupt of its own. */
export const sifiveGpio: DeviceClass = {
  name: 'sifive-gpio',
  summary: 'SiFive GPIO, 32 pins (SiFive FE310-G000 Manual, chapter 17)',
  size: 0x1000,
  interrupts: Array.from({ length: pins }, (_, pin) => `irq${pin}`),
  deviceTree: { node: 'gpio', compatible: ['sifive,gpio0'] },
  create(environment) {
    const wires = Array.from({ length: pins }, (_, pin) => environment.pin(String(pin)));
    const outputs = Array.from({ length: pins }, (_, pin) => environment.interrupt(`irq${pin}`));
    /** What the inputs were, as the edge detectors know it. */
    const state = { inputs: 0 };

    function inputs(): number {
      let value = 0;
      wires.forEach((wire, pin) => {
        if (wire.level) value |= 1 << pin;
      });
      return (value & block.get('input_en')) >>> 0;
    }

    function update(): void {
      const value = inputs();
      const or = (name: string, bits: number): void => {
        block.set(name, (block.get(name) | bits) >>> 0);
      };
      or('rise_ip', value & ~state.inputs);
      or('fall_ip', ~value & state.inputs);
      or('high_ip', value);
      or('low_ip', ~value);
      state.inputs = value;
      const asked =
        (block.get('rise_ie') & block.get('rise_ip')) |
        (block.get('fall_ie') & block.get('fall_ip')) |
        (block.get('high_ie') & block.get('high_ip')) |
        (block.get('low_ie') & block.get('low_ip'));
      outputs.forEach((output, pin) => {
        output.set(((asked >>> pin) & 1) === 1);
      });
    }

    function drive(): void {
      const values = block.get('output_val') ^ block.get('out_xor');
      wires.forEach((wire, pin) => {
        const bit = (name: string): boolean => ((block.get(name) >>> pin) & 1) === 1;
        // Alternate functions drive the pin themselves; they are not modelled, and let go of it.
        wire.drive(bit('output_en') && !bit('iof_en') ? ((values >>> pin) & 1) === 1 : undefined);
        wire.pull(bit('pue') ? true : undefined);
      });
      update();
    }

    const driving = (name: string, offset: number): RegisterDescription => ({
      name,
      offset,
      write: () => {
        drive();
      },
    });
    const pending = (name: string, offset: number): RegisterDescription => ({
      name,
      offset,
      access: 'w1c',
      write: () => {
        update();
      },
    });
    const enable = (name: string, offset: number): RegisterDescription => ({
      name,
      offset,
      write: () => {
        update();
      },
    });
    const block = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'input_val', offset: 0x00, access: 'ro', steady: true, read: () => inputs() },
        enable('input_en', 0x04),
        driving('output_en', 0x08),
        driving('output_val', 0x0c),
        driving('pue', 0x10),
        { name: 'ds', offset: 0x14 },
        enable('rise_ie', 0x18),
        pending('rise_ip', 0x1c),
        enable('fall_ie', 0x20),
        pending('fall_ip', 0x24),
        enable('high_ie', 0x28),
        pending('high_ip', 0x2c),
        enable('low_ie', 0x30),
        pending('low_ip', 0x34),
        driving('iof_en', 0x38),
        { name: 'iof_sel', offset: 0x3c },
        driving('out_xor', 0x40),
      ],
      extra: state,
      reset: () => {
        state.inputs = 0;
        drive();
      },
    });
    for (const wire of wires) wire.onChange(update);
    return block;
  },
};
