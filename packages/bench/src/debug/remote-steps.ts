import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { InternalError } from '@fireball/contracts';
import { imageFile, machineOf, type BenchImage } from '../emulate/images.js';

/** Single steps of a client that speaks the protocol itself. */
export interface RemoteSteps {
  readonly core: BenchImage['core'];
  readonly steps: number;
  readonly seconds: number;
  /** Of as many packets that are answered by a process that does nothing else. */
  readonly bareSeconds: number;
}

const steps = 2000;
/** Of so many rounds, the fastest counts. */
const rounds = 15;
/** Of a stop's answer, about. */
const answerBytes = 80;

/** Answers whatever comes with as many bytes as a stop has. */
const echo = `const { createServer } = require('node:net');
const answer = '$' + 'T'.repeat(${answerBytes}) + '#00';
const server = createServer((socket) => { socket.setNoDelay(true); socket.on('data', () => socket.write(answer)); });
server.listen(0, '127.0.0.1', () => process.stderr.write('target remote :' + server.address().port + '\\n'));`;

/**
 * Steps through firmware over a TCP connection, a packet and its answer for each, the server in a process of its own; beside it a server that does nothing
 * but answer: what is between the two is the debugger's, all else is what this computer takes to wake up one process after the other.
 * @param main the command line's entry
 */
export async function measureRemoteSteps(core: BenchImage['core'], main: string): Promise<RemoteSteps> {
  const servers = [
    [main, 'emulate', imageFile('mixed', core), '-M', machineOf[core], '--gdb', '0', '--wait'],
    ['-e', echo],
  ].map((args) => spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  try {
    const [debugged, bare] = await Promise.all(servers.map(async ({ stderr }) => Connection.open(await portOf(stderr))));
    if (debugged === undefined || bare === undefined) throw new InternalError('a server is missing');
    await debugged.ask(packetOf('QStartNoAckMode'));
    debugged.tell('+');
    await debugged.ask(packetOf('?'));
    // In turns: this computer's other work slows both.
    let [seconds, bareSeconds] = [Infinity, Infinity];
    for (let round = 0; round < rounds; round++) {
      seconds = Math.min(seconds, await debugged.time(steps));
      bareSeconds = Math.min(bareSeconds, await bare.time(steps));
    }
    debugged.close();
    bare.close();
    return { core, steps, seconds, bareSeconds };
  } finally {
    for (const server of servers) server.kill('SIGKILL');
  }
}

/** A client that waits for each answer. */
class Connection {
  #answered: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!/#..$/.test(received)) return;
      received = '';
      this.#answered();
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  tell(text: string): void {
    this.socket.write(text);
  }

  ask(packet: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.socket.write(packet);
    });
  }

  /** Seconds of so many steps. */
  async time(count: number): Promise<number> {
    const step = packetOf('vCont;s');
    const start = performance.now();
    for (let done = 0; done < count; done++) await this.ask(step);
    return (performance.now() - start) / 1000;
  }

  close(): void {
    this.socket.destroy();
  }
}

async function portOf(stderr: NodeJS.ReadableStream): Promise<number> {
  let text = '';
  for await (const piece of stderr) {
    text += String(piece);
    const [, port] = /target remote :(\d+)/.exec(text) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new InternalError(`the server did not say where it listens: ${text}`);
}

function packetOf(content: string): Buffer {
  const sum = [...content].reduce((total, character) => total + character.charCodeAt(0), 0) & 0xff;
  return Buffer.from(`$${content}#${sum.toString(16).padStart(2, '0')}`, 'latin1');
}
