import type { DeviceClass } from '../machine/device.js';
import { boardDevices } from './board/index.js';
import { cmsdkDevices } from './cmsdk/index.js';
import { lm3sDevices } from './lm3s/index.js';
import { mps2Devices } from './mps2/index.js';
import { nrf51Devices } from './nrf51/index.js';
import { primecellDevices } from './primecell/index.js';
import { peripheralDevices } from './peripherals/index.js';
import { reserved } from './reserved.js';
import { rp2040Devices } from './rp2040/index.js';
import { riscvDevices } from './riscv/index.js';
import { stm32Devices } from './stm32/index.js';

/** Every device class that boards can name. */
const all: readonly DeviceClass[] = [
  ...boardDevices,
  ...cmsdkDevices,
  ...lm3sDevices,
  ...mps2Devices,
  ...nrf51Devices,
  ...peripheralDevices,
  ...primecellDevices,
  reserved,
  ...rp2040Devices,
  ...riscvDevices,
  ...stm32Devices,
];

/** By name. */
export const deviceClasses: Readonly<Record<string, DeviceClass>> = Object.fromEntries(all.map((kind) => [kind.name, kind]));
