import type { DeviceClass } from '../machine/device.js';
import { reserved } from './reserved.js';

/** Every device class that boards can name. */
const all: readonly DeviceClass[] = [reserved];

/** By name. */
export const deviceClasses: Readonly<Record<string, DeviceClass>> = Object.fromEntries(all.map((kind) => [kind.name, kind]));
