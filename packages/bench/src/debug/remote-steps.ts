import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { InternalError } from '@fireball/contracts';
import { imageFile, machineOf, type BenchImage } from '../emulate/images.js';

/** Single steps of a client that speaks the protocol itself. */
export interface RemoteSteps {
  readonly core: BenchImage['core'];
  readonly steps: number;
  readonly seconds: number;
}

const steps = 2000;
/** Of so many rounds, the fastest counts. */
const rounds = 15;

/**
 * Steps through firmware over a TCP connection, a packet and its answer for each, the server in a process of its own.
 * @param main the command line's entry
 */
export async function measureRemoteSteps(core: BenchImage['core'], main: string): Promise<RemoteSteps> {
  const server = spawn(process.execPath, [main, 'emulate', imageFile('mixed', core), '-M', machineOf[core], '--gdb', '0', '--wait'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const socket = connect(await portOf(server.stderr), '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    let answered: () => void = () => undefined;
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!/#..$/.test(received)) return;
      received = '';
      answered();
    });
    const ask = (packet: Buffer): Promise<void> =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(packet);
      });
    await ask(packetOf('QStartNoAckMode'));
    socket.write('+');
    await ask(packetOf('?'));
    const step = packetOf('vCont;s');
    let seconds = Infinity;
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      for (let done = 0; done < steps; done++) await ask(step);
      seconds = Math.min(seconds, (performance.now() - start) / 1000);
    }
    socket.destroy();
    return { core, steps, seconds };
  } finally {
    server.kill('SIGKILL');
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
