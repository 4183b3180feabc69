import type { WasiCall, WasiState } from './call.js';
import { errno } from './errno.js';

const encoder = new TextEncoder();

/** The strings as C has them: UTF-8 with a closing NUL. */
function encode(strings: readonly string[]): Uint8Array[] {
  return strings.map((text) => encoder.encode(`${text}\0`));
}

function total(strings: readonly Uint8Array[]): number {
  return strings.reduce((sum, bytes) => sum + bytes.length, 0);
}

/** `(count: *u32, bytes: *u32)`: how much room `stringsGet` needs. */
function sizesGet(choose: (state: WasiState) => readonly string[]): WasiCall {
  return {
    params: 'ii',
    call(state, memory, args) {
      const strings = encode(choose(state));
      memory.check(args.u32(1), 4);
      memory.writeU32(args.u32(0), strings.length);
      memory.writeU32(args.u32(1), total(strings));
      return errno.success;
    },
  };
}

/** `(pointers: **u8, buffer: *u8)`: the strings one behind the other, and where each starts. */
function stringsGet(choose: (state: WasiState) => readonly string[]): WasiCall {
  return {
    params: 'ii',
    call(state, memory, args) {
      const strings = encode(choose(state));
      const pointers = args.u32(0);
      memory.check(pointers, strings.length * 4);
      memory.check(args.u32(1), total(strings));
      let address = args.u32(1);
      strings.forEach((bytes, index) => {
        memory.writeU32(pointers + index * 4, address);
        memory.slice(address, bytes.length).set(bytes);
        address += bytes.length;
      });
      return errno.success;
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
