import { UsageError } from '@fireball/contracts';
import type { ServerAddress } from '@fireball/debugger';

/** Reached from this machine only. */
export const isLoopback = (host: string): boolean => /^(127\.|localhost$|::1$)/.test(host);

/** For the value of an option: `PORT`, `HOST:PORT`, `[IPv6]:PORT`; loopback where no host is named. @throws UsageError */
export function serveAddress(option: string): (text: string) => ServerAddress {
  return (text) => {
    const [, ipv6, host, digits = ''] = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
    const port = Number(digits);
    if (digits === '' || port > 65535) throw new UsageError(`${option} wants PORT or HOST:PORT, such as 1234 or 127.0.0.1:1234, not '${text}'`);
    return { host: ipv6 ?? (host === undefined || host === '' ? '127.0.0.1' : host), port };
  };
}

/** As people type it into their clients. */
export function formatAddress(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
