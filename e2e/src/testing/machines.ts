import { createHash } from 'node:crypto';
import { Semihosting, type Machine } from '@fireball/emulator';

/** Gives a machine semihosting without a host: `write` gets what it prints, nothing is ever typed. The program's argument is `all`. */
export function connectSemihosting(machine: Machine, write: (bytes: Uint8Array) => void = () => undefined): Semihosting {
  const semihosting = new Semihosting({
    bus: machine.bus,
    wordSize: machine.processor.architecture === 'rv64' ? 8 : 4,
    write,
    read: () => undefined,
    waiting: () => 0,
    commandLine: 'all',
    seconds: () => machine.clocks.seconds,
    heap: () => ({ base: 0, limit: 0 }),
    warn: () => undefined,
  });
  machine.processor.onSemihosting = semihosting.handle;
  return semihosting;
}

/** SHA-256 of all RAM of a machine. */
export function hashOfRam(machine: Machine): string {
  const hash = createHash('sha256');
  for (const { kind, bytes } of machine.bus.memories) if (kind === 'ram') hash.update(bytes);
  return hash.digest('hex');
}
