import { Semihosting, type Machine, type SemihostingOptions, type SerialLink } from '@fireball/emulator';
import type { FirmwareImage } from '@fireball/image';

interface ConnectOptions extends Pick<SemihostingOptions, 'write' | 'folder' | 'commandLine' | 'warn'> {
  readonly machine: Machine;
  readonly images: readonly FirmwareImage[];
  /** The port that is typed to. */
  readonly keyboard: () => string;
  /** Asked where all that was typed has been read. */
  readonly more: () => MoreInput;
}

/** Is there more input now, will there be, for which firmware waits, or is this its end? */
export type MoreInput = 'more' | 'waits' | 'end';

/** Where what is typed for semihosting waits on boards without a console of their own. */
export const semihostingPort = 'semihosting';

/** Gives firmware the host's semihosting. It reads what is typed at the same port as a UART that is there. */
export function connectSemihosting({ machine, images, keyboard, more, ...options }: ConnectOptions): Semihosting {
  const typed = (): SerialLink => machine.serial(keyboard(), true);
  const read = (): number | 'waits' | undefined => {
    for (;;) {
      const byte = typed().receive();
      if (byte !== undefined || typed().ended) return byte;
      const next = more();
      if (next !== 'more') return next === 'waits' ? next : undefined;
    }
  };
  const semihosting = new Semihosting({
    ...options,
    bus: machine.bus,
    wordSize: machine.processor.architecture === 'rv64' ? 8 : 4,
    read,
    waiting: () => typed().waiting,
    seconds: () => machine.clocks.seconds,
    heap: () => heapOf(machine, images),
  });
  machine.processor.onSemihosting = semihosting.handle;
  machine.addPart('semihosting', semihosting);
  return semihosting;
}

/** The largest RAM, behind what was loaded into it. */
function heapOf(machine: Machine, images: readonly FirmwareImage[]): { readonly base: number; readonly limit: number } {
  const rams = machine.bus.memories.filter(({ kind }) => kind === 'ram').sort((a, b) => b.bytes.length - a.bytes.length);
  const [ram] = rams;
  if (ram === undefined) return { base: 0, limit: 0 };
  const limit = ram.base + ram.bytes.length;
  const ends = images
    .flatMap(({ segments }) => segments.map(({ address, memorySize }) => address + memorySize))
    .filter((end) => end > ram.base && end <= limit);
  return { base: Math.ceil(Math.max(ram.base, ...ends) / 16) * 16, limit };
}
