import { once } from 'node:events';
import type { ServerAddress } from '@fireball/debugger';
import { DapServer, serveDapStreams, type Launcher } from '@fireball/debugger';
import type { Report } from '../report.js';
import { formatAddress, isLoopback } from '../serve-address.js';

/** Serves clients of the Debug Adapter Protocol: one on standard input and output, until it leaves, or one after the other at an address, until SIGINT. */
export async function serveDebugClients(launch: Launcher, where: 'stdio' | ServerAddress): Promise<Report> {
  const say = (line: string): void => {
    process.stderr.write(`fireball: ${line}\n`);
  };
  if (where === 'stdio') {
    await serveDapStreams({ launch }, process.stdin, process.stdout, say);
  } else {
    const { host, port } = where;
    const server = await DapServer.listen(host, port, { launch }, say);
    if (!isLoopback(host)) say(`whoever reaches ${formatAddress(host, server.port)} can read files as you: only on networks that you trust`);
    say(`debug adapter at ${formatAddress(host, server.port)}`);
    await once(process, 'SIGINT');
    server.close();
  }
  return { exitStatus: 0, document: undefined, text: '' };
}
