import { UsageError } from '@fireball/contracts';
import type { Session } from '../session/session.js';
import type { Arguments } from './arguments.js';

/** Most bytes of one answer. */
const mostBytes = 1 << 22;

/** Answer to `readMemory`: as much as there is from an address on. */
export function readMemory({ target }: Session, args: Arguments): object {
  const address = args.address('memoryReference') + args.whole('offset', 0);
  const count = args.whole('count');
  if (count < 0 || count > mostBytes) throw new UsageError(`readMemory: 0 to ${mostBytes} bytes are given at once`);
  const region = target.memoryMap().find(({ base, size }) => address >= base && address < base + size);
  const readable = region === undefined ? 0 : Math.min(count, region.base + region.size - address);
  const bytes = readable === 0 ? undefined : target.peek(address, readable);
  const reference = { address: `0x${Math.max(0, address).toString(16)}` };
  return bytes === undefined
    ? { ...reference, unreadableBytes: count }
    : { ...reference, data: Buffer.from(bytes).toString('base64'), ...(readable < count ? { unreadableBytes: count - readable } : {}) };
}

/** Carries out `writeMemory`. @throws UsageError where not all of it is memory */
export function writeMemory(session: Session, args: Arguments): object {
  const address = args.address('memoryReference') + args.whole('offset', 0);
  const data = args.text('data');
  const bytes = Buffer.from(data, 'base64');
  // Node leaves out what is none, and says nothing.
  if (bytes.toString('base64').replaceAll('=', '') !== data.replaceAll('=', '')) throw new UsageError(`writeMemory: 'data' has to be base64, not '${data}'`);
  if (!session.target.poke(address, bytes)) throw new UsageError(`not all of the ${bytes.length} bytes at 0x${address.toString(16)} can be written`);
  session.wrote();
  return { bytesWritten: bytes.length };
}
