import type { WasiCall } from './call.js';
import { WasiError } from './errno.js';

/** There are no sockets: whatever is open is none. */
function noSocket(params: string): WasiCall {
  return {
    params,
    call({ descriptors, u32 }) {
      descriptors.get(u32(0));
      throw new WasiError('notsock');
    },
  };
}

export const socketCalls = {
  sock_accept: noSocket('iii'),
  sock_recv: noSocket('iiiiii'),
  sock_send: noSocket('iiiii'),
  sock_shutdown: noSocket('ii'),
} as const satisfies Readonly<Record<string, WasiCall>>;
