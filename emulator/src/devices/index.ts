import type { DeviceClass } from '../machine/device.js';

/** Device classes by folder, those of many boards first. A board needs few of them, and each is a file to load. */
const families: Readonly<Record<string, () => Promise<readonly DeviceClass[]>>> = {
  reserved: async () => [(await import('./reserved.js')).reserved],
  peripherals: async () => (await import('./peripherals/index.js')).peripheralDevices,
  primecell: async () => (await import('./primecell/index.js')).primecellDevices,
  board: async () => (await import('./board/index.js')).boardDevices,
  riscv: async () => (await import('./riscv/index.js')).riscvDevices,
  cmsdk: async () => (await import('./cmsdk/index.js')).cmsdkDevices,
  mps2: async () => (await import('./mps2/index.js')).mps2Devices,
  lm3s: async () => (await import('./lm3s/index.js')).lm3sDevices,
  nrf51: async () => (await import('./nrf51/index.js')).nrf51Devices,
  rp2040: async () => (await import('./rp2040/index.js')).rp2040Devices,
  stm32: async () => (await import('./stm32/index.js')).stm32Devices,
};

/** Every device class that boards can name. */
export async function allDeviceClasses(): Promise<ReadonlyMap<string, DeviceClass>> {
  return byName(await Promise.all(Object.values(families).map(async (load) => load())));
}

/** The device classes of some names: those that there are; all that there are where a name is none. */
export async function deviceClassesNamed(names: ReadonlySet<string>): Promise<ReadonlyMap<string, DeviceClass>> {
  const loaded: (readonly DeviceClass[])[] = [];
  const missing = new Set(names);
  // Names mostly begin with their family's.
  const likely = (family: string): number => ([...names].some((name) => name.startsWith(family)) ? 0 : 1);
  for (const [, load] of Object.entries(families).sort(([a], [b]) => likely(a) - likely(b))) {
    if (missing.size === 0) break;
    const classes = await load();
    loaded.push(classes);
    for (const { name } of classes) missing.delete(name);
  }
  return byName(loaded);
}

function byName(lists: readonly (readonly DeviceClass[])[]): ReadonlyMap<string, DeviceClass> {
  return new Map(lists.flat().map((kind) => [kind.name, kind]));
}
