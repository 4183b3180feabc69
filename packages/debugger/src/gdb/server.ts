import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SystemError, systemReason, type DebugFunction, type TargetStop } from '@fireball/contracts';
import type { Debuggee } from '../hub/debuggee.js';
import type { ClientStop } from './execution.js';
import type { HostFile } from './host-files.js';
import { packet, PacketReader, type Received } from './packets.js';
import { ClientSession } from './session.js';
import { hex, text } from './text.js';
import { Wakefulness } from './wakefulness.js';
import type { Session } from '../session/session.js';

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** What a server serves, and what it may do between. */
export interface GdbServerOptions {
  readonly debuggee: Pick<Debuggee, 'session' | 'shell'>;
  readonly program?: HostFile | undefined;
  /** Describes a function that has been compiled while the target ran, by an ELF file; absent where none is. */
  readonly describe?: ((code: DebugFunction) => Promise<Uint8Array>) | undefined;
  /** Should the target stand still until a client has come and lets it go? */
  readonly waits: boolean;
  /** The host's turn between two pieces of a run; `idle`: nothing happens until it does. Returns true where the run is to end. */
  readonly pause: (idle: boolean) => Promise<boolean>;
  /** For the user. */
  readonly say: (line: string) => void;
}

/** How serving ended. */
export type ServerEnd = { readonly kind: 'target'; readonly stop: TargetStop } | { readonly kind: 'killed' | 'paused' };

/** Milliseconds after which a target that stands still is looked at again: something may have woken it up. */
const sleeping = 20;

/** Serves one target to one client of the GDB Remote Serial Protocol at a time; it may leave, and another one come. */
export class GdbServer {
  readonly #options: GdbServerOptions;
  readonly #server: Server;
  #client: Client | undefined;
  /** Without a client: the target runs. */
  #runsFree: boolean;
  #wake: () => void = () => undefined;
  #failure: Error | undefined;

  private constructor(options: GdbServerOptions) {
    this.#options = options;
    this.#runsFree = !options.waits;
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  /** @throws SystemError where it cannot listen there */
  static async listen({ host, port }: ServerAddress, options: GdbServerOptions): Promise<GdbServer> {
    const server = new GdbServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (error) => {
        reject(new SystemError(`cannot listen for gdb on ${host}:${port}: ${systemReason(error)}`, { cause: error }));
      });
      server.#server.listen(port, host, resolve);
    });
    return server;
  }

  get #session(): Session {
    return this.#options.debuggee.session;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #accept(socket: Socket): void {
    // One that has said nothing, perhaps because its computer is gone, does not keep others out.
    if (this.#client?.hasSpoken === false) this.#client.drop();
    else if (this.#client !== undefined) {
      this.#options.say('a second debugger was refused');
      socket.destroy();
      return;
    }
    if (this.#runsFree) this.#session.wrote('everything');
    this.#runsFree = false;
    const client = new Client(socket, new ClientSession(this.#options), {
      wake: () => {
        this.#wake();
      },
      failed: (error) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#wake();
      },
    });
    this.#client = client;
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on('data', (bytes) => {
      client.receive(bytes);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#leave(client);
    });
  }

  #leave(client: Client): void {
    if (client !== this.#client) return;
    const { session } = client;
    session.release();
    this.#client = undefined;
    if (session.detached) this.#runsFree = true;
    else if (!session.killed) this.#options.say('the debugger has gone; the machine waits for the next one (Ctrl-C ends it)');
    this.#wake();
  }

  /** Runs the target as the client wants, to its end. */
  async serve(): Promise<ServerEnd> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const next = this.#advance();
      if (typeof next === 'object') {
        // What it has said in the last piece.
        await this.#options.pause(false);
        return next;
      }
      if (await this.#rest(next === 'idle')) return { kind: 'paused' };
    }
  }

  /** A piece of what is to be done; `idle`: nothing, until something happens. */
  #advance(): ServerEnd | 'busy' | 'idle' {
    const client = this.#client;
    if (client === undefined) return this.#runsFree ? this.#runFree() : 'idle';
    const { session } = client;
    if (session.killed) return { kind: 'killed' };
    if (session.ended !== undefined) return { kind: 'target', stop: session.ended };
    if (session.detached) {
      void client.close();
      return 'idle';
    }
    if (!session.execution.isRunning) return 'idle';
    const stop = session.execution.advance();
    if (stop !== undefined) client.report(stop);
    return stop?.why === 'asleep' ? 'idle' : 'busy';
  }

  #runFree(): ServerEnd | 'busy' | 'idle' {
    const stop = this.#session.target.run(freePiece);
    if (stop.why === 'exit' || stop.why === 'fault') return { kind: 'target', stop };
    return stop.why === 'asleep' ? 'idle' : 'busy';
  }

  /** True: the run is to end. */
  async #rest(idle: boolean): Promise<boolean> {
    if (!idle) return this.#options.pause(false);
    let wake: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = setTimeout(wake, sleeping);
    this.#wake = wake;
    await woken;
    clearTimeout(timer);
    this.#wake = () => undefined;
    return this.#options.pause(true);
  }

  /** What was sent last still arrives. The target is left alone from now on. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    client?.session.release();
    await client?.close();
    this.#server.close();
  }
}

/** Instructions between two looks at the network while no client is there. */
const freePiece = 500_000;

interface ClientListener {
  /** There may be something to do. */
  wake(): void;
  failed(error: unknown): void;
}

/** A connection with what goes over it. */
class Client {
  readonly #reader = new PacketReader();
  readonly #wakefulness = new Wakefulness();
  #last: Uint8Array | undefined;
  /** Has a packet come from it? */
  hasSpoken = false;

  constructor(
    private readonly socket: Socket,
    readonly session: ClientSession,
    private readonly listener: ClientListener,
  ) {}

  receive(bytes: Uint8Array): void {
    this.#drain(this.#reader.read(bytes));
    this.#wakefulness.packet();
  }

  /** What comes while an answer is under way waits for it. */
  #drain(packets: Iterator<Received>): void {
    try {
      for (let next = packets.next(); next.done !== true; next = packets.next()) {
        const later = this.#take(next.value);
        if (later === undefined) continue;
        this.socket.pause();
        later.then(
          () => {
            this.#drain(packets);
            this.socket.resume();
          },
          (error: unknown) => {
            this.listener.failed(error);
          },
        );
        return;
      }
    } catch (error) {
      this.listener.failed(error);
    }
  }

  #take(received: Received): Promise<void> | undefined {
    const { session } = this;
    switch (received.kind) {
      case 'acknowledged':
        break;
      case 'refused':
        if (this.#last !== undefined) this.socket.write(this.#last);
        break;
      case 'interrupt':
        if (session.execution.isRunning) this.send(session.interrupted());
        break;
      case 'broken':
        if (session.acknowledges) this.socket.write('-');
        break;
      case 'packet':
        return this.#packet(received.content);
    }
    return undefined;
  }

  #packet(content: Uint8Array): Promise<void> | undefined {
    const { session } = this;
    this.hasSpoken = true;
    if (session.acknowledges) this.socket.write('+');
    // Nothing but an interrupt is heard while the target runs: a client that sends more has lost its thread.
    if (session.execution.isRunning) return undefined;
    const answer = session.answer(content);
    if (answer instanceof Promise)
      return answer.then((bytes) => {
        this.send(bytes);
      });
    if (answer !== undefined) this.send(answer);
    else this.#begin();
    // A turn of the server for each packet would take as long as a step.
    if (session.wantsTurn) this.listener.wake();
    return undefined;
  }

  /** Most steps end at once; what takes longer goes on in `serve`. */
  #begin(): void {
    const stop = this.session.execution.advance();
    if (stop !== undefined) this.report(stop);
  }

  /** One that sleeps goes on, and may be interrupted. */
  report(stop: ClientStop): void {
    if (stop.why === 'asleep') return;
    if (stop.why === 'fault') this.send(text.bytes(`O${hex.ofText(`${stop.message}\n`)}`));
    this.send(this.session.report(stop));
  }

  send(content: Uint8Array): void {
    this.#last = packet(content);
    this.socket.write(this.#last);
  }

  /** Nothing of it counts any more. */
  drop(): void {
    this.session.release();
    this.socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) resolve();
      else this.socket.end(resolve);
    });
  }
}
