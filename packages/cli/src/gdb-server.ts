import { UsageError } from '@fireball/contracts';
import type { GdbServerOptions, ServerAddress, ServerEnd } from '@fireball/debugger';
import { Option } from 'commander';
import { formatAddress, isLoopback, serveAddress } from './serve-address.js';

/** As QEMU's -s. */
const defaultGdb = '127.0.0.1:1234';

/** Options of commands that serve gdb. */
export interface GdbChoice {
  readonly gdb?: ServerAddress;
  /** Stand still until gdb lets it go. */
  readonly wait?: true;
}

/** `--gdb` and `--wait`; `what` is let go. */
export function gdbOptions(what: string): Option[] {
  return [
    new Option('-g, --gdb [address]', 'serve gdb at HOST:PORT (default: 127.0.0.1:1234)').preset(defaultGdb).argParser(serveAddress('--gdb')),
    new Option('-S, --wait', `with --gdb: stand still until gdb lets ${what} go`),
  ];
}

/** @throws UsageError where only one that needs the other is there */
export function checkGdbChoice({ gdb, wait }: GdbChoice): void {
  if (wait === true && gdb === undefined) throw new UsageError('--wait is for --gdb');
}

/** Serves a target until it ends, or the debugger has it end. @throws SystemError where it cannot listen at the address */
export async function serveGdb(address: ServerAddress, options: GdbServerOptions): Promise<ServerEnd> {
  const { GdbServer: Server } = await import('@fireball/debugger');
  const server = await Server.listen(address, options);
  try {
    const { host } = address;
    const place = formatAddress(host, server.port);
    if (!isLoopback(host)) options.say(`whoever reaches ${place} can read and change what runs here: only on networks that you trust`);
    options.say(`gdb: target remote ${isLoopback(host) ? `:${server.port}` : place}`);
    return await server.serve();
  } finally {
    await server.close();
  }
}
