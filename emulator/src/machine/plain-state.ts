// State of devices and processors is plain data (`Device.state`): numbers, strings, booleans, big integers, arrays and objects of them, typed arrays.

type TypedArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array | BigInt64Array | BigUint64Array;

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isTypedArray(value);
}

/** A copy that shares nothing with the state. */
export function copyState<T>(state: T): T {
  if (isTypedArray(state)) return state.slice() as T;
  if (Array.isArray(state)) return state.map((item: unknown) => copyState(item)) as T;
  if (!isObject(state)) return state;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, copyState(value)])) as T;
}

/** Makes `state` equal to a copy of it. Objects and arrays within keep their identity: whoever holds a part of it goes on seeing it. */
export function restoreState(state: object, saved: object): void {
  restoreInto(state, saved);
}

/** What is to be held in place of `current`: itself where it could take the values. */
function restoreInto(current: unknown, saved: unknown): unknown {
  if (isTypedArray(current) && isTypedArray(saved) && current.length === saved.length) {
    (current as Uint8Array).set(saved as Uint8Array);
    return current;
  }
  if (Array.isArray(current) && Array.isArray(saved)) {
    current.length = Math.min(current.length, saved.length);
    for (const [index, item] of saved.entries()) current[index] = restoreInto(current[index], item);
    return current;
  }
  if (isObject(current) && isObject(saved)) {
    for (const key of Object.keys(current)) if (!Object.hasOwn(saved, key)) Reflect.deleteProperty(current, key);
    for (const [key, value] of Object.entries(saved)) current[key] = restoreInto(current[key], value);
    return current;
  }
  return copyState(saved);
}
