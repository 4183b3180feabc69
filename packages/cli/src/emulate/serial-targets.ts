import { createServer, type Server, type Socket } from 'node:net';
import { GrowingFile, SystemError, systemReason, UsageError } from '@fireball/contracts';

/** What `--serial NAME=TARGET` says. */
type SerialTarget = { readonly kind: 'stdio' | 'null' } | { readonly kind: 'file'; readonly path: string } | { readonly kind: 'tcp'; readonly port: number };

export interface SerialChoice {
  readonly port: string;
  readonly target: SerialTarget;
}

/** @throws UsageError */
export function parseSerial(text: string): SerialChoice {
  const [, port = '', rest = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  const target = targetOf(rest);
  if (port === '' || target === undefined)
    throw new UsageError(`--serial wants NAME=stdio, null, file:PATH or tcp:PORT, such as uart1=file:log.txt, not '${text}'`);
  return { port, target };
}

function targetOf(text: string): SerialTarget | undefined {
  if (text === 'stdio' || text === 'null') return { kind: text };
  if (text.startsWith('file:') && text.length > 5) return { kind: 'file', path: text.slice(5) };
  const port = /^tcp:(\d{1,5})$/.exec(text)?.[1];
  return port === undefined || Number(port) > 65535 ? undefined : { kind: 'tcp', port: Number(port) };
}

/** Where bytes of a serial port go. */
export interface SerialSink {
  /** A port that its own reader writes to can wake a sleeping machine. */
  readonly givesInput: boolean;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** A file that grows as the firmware writes. @throws UsageError, SystemError */
export function fileSink(path: string): SerialSink {
  const file = new GrowingFile(path);
  return {
    givesInput: false,
    write: (bytes) => {
      file.write(bytes);
    },
    close: () => {
      file.close();
    },
  };
}

/** What a client that comes late still gets to see. */
const backlogBytes = 64 * 1024;
/** Milliseconds in which a client may take the rest. */
const goodbyeTime = 1000;

/**
 * A TCP port of this computer alone.
 * @param said told the port, where 0 was asked for: any
 * @throws SystemError where the port cannot be had
 */
export async function tcpSink(port: number, input: (bytes: Uint8Array) => void, said: (port: number) => void): Promise<SerialSink> {
  const clients = new Set<Socket>();
  let backlog: Uint8Array = new Uint8Array(0);
  const server: Server = createServer((socket) => {
    clients.add(socket);
    socket.on('data', input);
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(socket));
    socket.write(backlog);
    backlog = new Uint8Array(0);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new SystemError(`cannot listen on port ${port}: ${systemReason(error)}`, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  said(typeof address === 'object' && address !== null ? address.port : port);
  return {
    givesInput: true,
    write: (bytes) => {
      if (clients.size === 0) backlog = Buffer.concat([backlog, bytes]).subarray(-backlogBytes);
      for (const client of clients) client.write(bytes);
    },
    close: () => {
      // One that takes nothing, or does not hang up, keeps nobody waiting.
      for (const client of clients) {
        client.destroySoon();
        setTimeout(() => client.destroy(), goodbyeTime).unref();
      }
      server.close();
    },
  };
}
