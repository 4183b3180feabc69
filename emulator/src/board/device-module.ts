import type { DeviceParameter } from '../machine/device.js';

const parameterTypes: readonly unknown[] = ['number', 'text', 'memory', 'device', 'pin'] satisfies DeviceParameter['type'][];

/** What keeps the default export of a user's module from being a device class; undefined: it is one. */
export function checkDeviceClass(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'its default export is no device class: { name, summary, size, create(environment) }';
  const { name, summary, size, create, parameters, interrupts, clocks } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-z][\w.-]*$/i.test(name)) return "the class's name is no text that begins with a letter";
  if (typeof summary !== 'string') return "the class's summary is no text";
  const isSize = typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= 2 ** 31;
  if (!isSize && size !== 'board') return "the class's size is no number of bytes, nor 'board'";
  if (typeof create !== 'function') return 'the class has no function create(environment)';
  for (const [key, list] of Object.entries({ interrupts, clocks })) {
    if (list !== undefined && !isTextList(list)) return `the class's ${key} is no list of names`;
  }
  return parameters === undefined ? undefined : checkParameters(parameters);
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function checkParameters(parameters: unknown): string | undefined {
  if (typeof parameters !== 'object' || parameters === null) return "the class's parameters are no object";
  for (const [key, parameter] of Object.entries(parameters as Record<string, unknown>)) {
    const { type, default: otherwise } = (typeof parameter === 'object' && parameter !== null ? parameter : {}) as Record<string, unknown>;
    if (!parameterTypes.includes(type)) return `the type of parameter ${key} is none of ${parameterTypes.join(', ')}`;
    if (otherwise !== undefined && typeof otherwise !== (type === 'number' ? 'number' : 'string'))
      return `the default of parameter ${key} is no ${String(type)}`;
  }
  return undefined;
}
