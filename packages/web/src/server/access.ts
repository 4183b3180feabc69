import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What the server knows of itself. */
export interface Origin {
  /** As it stands in addresses: `127.0.0.1:8080`. */
  readonly authorities: readonly string[];
  /** First component of every path. */
  readonly token: string;
}

/** Why a request is refused; undefined where it is not. */
type Refusal = 'host' | 'origin' | 'token' | undefined;

/**
 * Whoever may open a page in the user's browser must not reach the session: a name that resolves to this computer is not ours (DNS rebinding: Host), another page is not
 * ours (Origin, which browsers send with every WebSocket and page scripts cannot change), and without the token nobody is.
 * @param upgrade a WebSocket is asked for: Origin must be there
 */
export function refusalOf({ authorities, token }: Origin, headers: IncomingHttpHeaders, path: string, upgrade: boolean): Refusal {
  const { host, origin } = headers;
  if (host === undefined || !authorities.includes(host.toLowerCase())) return 'host';
  if (origin === undefined ? upgrade : origin !== `http://${host.toLowerCase()}`) return 'origin';
  return isSame(path.split('/')[1] ?? '', token) ? undefined : 'token';
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
