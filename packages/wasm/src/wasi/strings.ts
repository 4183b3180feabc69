import type { WasiCall, WasiState } from './call.js';
import { encodeText } from './guest-memory.js';

/** The strings as C has them: UTF-8 with a closing NUL. */
function encode(strings: readonly string[]): Uint8Array[] {
  return strings.map((text) => encodeText(`${text}\0`));
}

function total(strings: readonly Uint8Array[]): number {
  return strings.reduce((sum, bytes) => sum + bytes.length, 0);
}

/** `(count: *u32, bytes: *u32)`: how much room `stringsGet` needs. */
function sizesGet(choose: (state: WasiState) => readonly string[]): WasiCall {
  return {
    params: 'ii',
    call(context) {
      const { memory, u32 } = context;
      const strings = encode(choose(context));
      memory.check(u32(1), 4);
      memory.writeU32(u32(0), strings.length);
      memory.writeU32(u32(1), total(strings));
    },
  };
}

/** `(pointers: **u8, buffer: *u8)`: the strings one behind the other, and where each starts. */
function stringsGet(choose: (state: WasiState) => readonly string[]): WasiCall {
  return {
    params: 'ii',
    call(context) {
      const { memory, u32 } = context;
      const strings = encode(choose(context));
      const pointers = u32(0);
      memory.check(pointers, strings.length * 4);
      memory.check(u32(1), total(strings));
      let address = u32(1);
      strings.forEach((bytes, index) => {
        memory.writeU32(pointers + index * 4, address);
        memory.slice(address, bytes.length).set(bytes);
        address += bytes.length;
      });
    },
  };
}

/** Command line and environment. */
export const stringCalls = {
  args_sizes_get: sizesGet(({ host }) => host.args),
  args_get: stringsGet(({ host }) => host.args),
  environ_sizes_get: sizesGet(({ host }) => host.environ),
  environ_get: stringsGet(({ host }) => host.environ),
} as const satisfies Readonly<Record<string, WasiCall>>;
