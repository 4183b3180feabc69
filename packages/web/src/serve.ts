import type { Hub, ServerAddress } from '@fireball/debugger';
import { PageServer } from './server/server.js';
import { Pages } from './session/pages.js';

/** A session that browsers show. */
export interface PagesServed {
  /** What to open in a browser. */
  readonly address: string;
  /** The session goes on without them. */
  readonly close: () => void;
}

/**
 * Serves a session to browsers of this computer, beside its other front ends.
 * @param say for the user of the command line
 * @throws UsageError for an address that others can reach, SystemError where it cannot listen there
 */
export async function servePages(address: ServerAddress, hub: Hub, say: (line: string) => void): Promise<PagesServed> {
  const pages = new Pages(hub, say);
  try {
    const server = await PageServer.listen(address, (socket) => {
      pages.add(socket);
    });
    return {
      // Where code differs from the reference is what somebody wants to see first.
      address: `${server.address}${hub.session.parting === undefined ? '' : '#divergence'}`,
      close: () => {
        pages.leave();
        server.close();
      },
    };
  } catch (error) {
    pages.leave();
    throw error;
  }
}
