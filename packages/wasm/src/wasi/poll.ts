import type { CallContext, WasiCall } from './call.js';
import { clockOf, type ClockId } from './clock.js';
import { errno, WasiError, type ErrnoName } from './errno.js';
import { sizeOf } from './files/volume.js';

/** Size of an `event`: userdata u64, error u16 at 8, type u8 at 10, bytes u64 at 16, flags u16 at 24. */
const eventSize = 32;
/** `eventtype` numbers. */
const eventTypes = { clock: 0, read: 1, write: 2 } as const;
/** `subclockflags`: the timeout is a time, not a duration. */
const absolute = 1;
const latest = 2n ** 64n - 1n;

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
}

/** An event that has happened; `bytes` can be read or written. */
interface Happened {
  readonly error?: ErrnoName;
  readonly bytes?: bigint;
}

/** Of a clock: when it happens. */
interface Deadline {
  readonly clock: Extract<ClockId, 'realtime' | 'monotonic'>;
  readonly at: bigint;
}

type State = Happened | Deadline;

function read(context: CallContext, address: number): Subscription & { readonly state: State } {
  const { memory } = context;
  const [userdata, type] = [memory.readU64(address), memory.readU8(address + 8)];
  if (type === eventTypes.clock) return { userdata, type, state: clockState(context, address) };
  if (type !== eventTypes.read && type !== eventTypes.write) throw new WasiError('inval');
  return { userdata, type, state: descriptorState(context, memory.readU32(address + 16), type) };
}

function clockState({ memory, clock, dialect: { subscription: layout } }: CallContext, address: number): State {
  const id = clockOf(memory.readU32(address + layout.clock));
  const timeout = memory.readU64(address + layout.timeout);
  if (id === undefined) return { error: 'inval' };
  // They stand still while a program sleeps.
  if (id === 'process-cputime' || id === 'thread-cputime') return { error: 'notsup' };
  const deadline = (memory.readU16(address + layout.flags) & absolute) === 0 ? clock.at(id) + timeout : timeout;
  return { clock: id, at: deadline > latest ? latest : deadline };
}

/** Nothing ever has to be waited for but input, which is waited for where it is read. */
function descriptorState({ descriptors }: CallContext, fd: number, type: number): State {
  try {
    const descriptor = descriptors.get(fd, type === eventTypes.read ? 'fd_read' : 'fd_write', 'poll_fd_readwrite');
    if (descriptor.kind !== 'file' || type === eventTypes.write) return { bytes: 1n };
    const rest = BigInt(sizeOf(descriptor.node)) - descriptor.offset;
    return { bytes: rest > 0n ? rest : 0n };
  } catch (error) {
    if (error instanceof WasiError) return { error: error.errno };
    throw error;
  }
}

export const pollCalls = {
  /**
   * (subscriptions, events, count, happened: *u32). Where nothing has happened yet, the program sleeps until the first of its
   * deadlines, which takes virtual time and no other.
   */
  poll_oneoff: {
    params: 'iiii',
    call(context) {
      const { memory, clock, dialect, u32 } = context;
      const [subscriptions, events, count] = [u32(0), u32(1), u32(2)];
      if (count === 0) throw new WasiError('inval');
      memory.check(subscriptions, count * dialect.subscription.size);
      memory.check(events, count * eventSize);
      memory.check(u32(3), 4);
      // Events may be written over subscriptions, so all of these are read first.
      const wanted = Array.from({ length: count }, (_, index) => read(context, subscriptions + index * dialect.subscription.size));
      const isOver = ({ state }: { readonly state: State }): boolean => !('clock' in state) || clock.at(state.clock) >= state.at;
      if (!wanted.some(isOver)) {
        const deadlines = wanted.map(({ state }) => state as Deadline);
        const first = deadlines.reduce((a, b) => (b.at - clock.at(b.clock) < a.at - clock.at(a.clock) ? b : a));
        clock.sleepUntil(first.clock, first.at);
      }
      const happened = wanted.filter(isOver);
      happened.forEach(({ userdata, type, state }, index) => {
        const address = events + index * eventSize;
        const { error = 'success', bytes = 0n }: Happened = 'clock' in state ? {} : state;
        memory.slice(address, eventSize).fill(0);
        memory.writeU64(address, userdata);
        memory.writeU16(address + 8, errno[error]);
        memory.writeU8(address + 10, type);
        memory.writeU64(address + 16, bytes);
      });
      memory.writeU32(u32(3), happened.length);
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;
