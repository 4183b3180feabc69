import type { DeviceEnvironment } from '../../machine/device.js';
import type { RegisterBlock, RegisterDescription } from '../../machine/register-block.js';

const ports = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];

/**
 * EXTICR1 to EXTICR4 of AFIO and SYSCFG: for each of EXTI's lines 0 to 15, which port's pin drives it (RM0008 9.4.3, RM0090 9.2.3). The lines
 * are pins of the device `exti`.
 */
export function pinRouter(
  environment: DeviceEnvironment,
  offset: number,
  block: () => RegisterBlock,
): { readonly register: RegisterDescription; update(): void } {
  const lines = Array.from({ length: 16 }, (_, line) => environment.wire(`exti.${line}`));
  const sources = lines.map((_, line) => ports.map((port) => environment.wire(`gpio${port}.${line}`)));
  const selected = (line: number): number => (block().get(`EXTICR${line >>> 2}`) >>> ((line & 3) * 4)) & 0xf;
  sources.forEach((pins, line) => {
    pins.forEach((pin, port) => {
      pin.onChange((level) => {
        if (selected(line) === port) lines[line]?.drive(level);
      });
    });
  });
  const update = (): void => {
    lines.forEach((line, index) => {
      line.drive(sources[index]?.[selected(index)]?.level ?? false);
    });
  };
  return {
    register: { name: 'EXTICR', offset, count: 4, writable: 0xffff, write: update },
    update,
  };
}
