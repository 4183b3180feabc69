import { once } from 'node:events';
import { printable } from '@fireball/contracts';
import { DapServer, type Hub, type ServerAddress } from '@fireball/debugger';
import { formatAddress, isLoopback } from '../serve-address.js';

/** Makes a session reachable for others; what it returns ends that. `say` is for the user. */
export type Service = (hub: Hub, say: (line: string) => void) => Promise<() => void | Promise<void>>;

/** Clients of the Debug Adapter Protocol, which attach. */
export function dapService({ host, port }: ServerAddress): Service {
  return async (hub, say) => {
    const server = await DapServer.listen(host, port, { hub }, say);
    if (!isLoopback(host)) say(`whoever reaches ${formatAddress(host, server.port)} can read and change what runs here: only on networks that you trust`);
    say(`debug adapter at ${formatAddress(host, server.port)}`);
    return () => {
      server.close();
    };
  };
}

/** Browsers of this computer. What serves them is loaded only then. */
export function webService(address: ServerAddress): Service {
  return async (hub, say) => {
    const { servePages } = await import('@fireball/web');
    const pages = await servePages(address, hub, say);
    say(`open ${pages.address}`);
    return pages.close;
  };
}

/** Has what services say from now on told to somebody else than standard error, and what they have said so far too; undefined: not any more. */
type Redirect = (listener: ((line: string) => void) | undefined) => void;

/**
 * Serves a session while `terminal`, which has the user's keyboard, goes on, and from then on until somebody ends the session, or SIGINT.
 * @returns what the terminal returned
 */
export async function shareSession<Result>(hub: Hub, services: readonly Service[], terminal: (redirect: Redirect) => Promise<Result>): Promise<Result> {
  const told: string[] = [];
  let listener: ((line: string) => void) | undefined;
  const say = (line: string): void => {
    told.push(line);
    if (listener === undefined) process.stderr.write(`fireball: ${printable(line)}\n`);
    else listener(line);
  };
  const redirect: Redirect = (to) => {
    listener = to;
    if (to !== undefined) for (const line of told) to(line);
  };
  const ends: (() => void | Promise<void>)[] = [];
  try {
    for (const service of services) ends.push(await service(hub, say));
    const result = await terminal(redirect);
    if (services.length > 0 && !hub.isOver) await Promise.race([hub.ended, once(process, 'SIGINT')]);
    return result;
  } finally {
    await hub.end();
    for (const end of ends) await end();
  }
}
