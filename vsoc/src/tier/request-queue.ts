import PQueue from 'p-queue';

/** A request for a worker. */
interface QueuedRequest {
  /** Of several requests with the same id only one can wait. */
  readonly id: string;
  /** A worker takes it. The worker is busy until `finished`. */
  readonly start: () => void;
}

/**
 * Compile requests in order of priority, first come first served among equals, for a fixed number of workers.
 * p-queue orders and starts them; that a worker has finished is an event of the virtual clock, not of the host's. So a
 * started task stays pending for p-queue for ever, and a finished worker shows as one more unit of concurrency:
 * raising it starts the next request synchronously, at this very point of virtual time.
 */
export class RequestQueue {
  private readonly queue: PQueue;
  /** What the last `start` threw. p-queue would report it some time later, as a rejected promise. */
  private thrown: { readonly error: unknown } | undefined;

  constructor(
    workers: number,
    /** Most requests that wait. */
    private readonly capacity: number,
  ) {
    this.queue = new PQueue({ concurrency: workers });
  }

  /** Requests that wait. */
  get length(): number {
    return this.queue.size;
  }

  /** Starts the request if a worker is free, else queues it. False if the queue is full. */
  add({ id, start }: QueuedRequest, priority: number): boolean {
    if (this.queue.size >= this.capacity) return false;
    const busy = (): Promise<never> => {
      try {
        start();
      } catch (error) {
        this.thrown = { error };
      }
      return new Promise<never>(() => undefined);
    };
    void this.queue.add(busy, { id, priority });
    this.passOn();
    return true;
  }

  /** Moves a waiting request. */
  setPriority(id: string, priority: number): void {
    this.queue.setPriority(id, priority);
  }

  /** A worker is free again: takes the next request. */
  finished(): void {
    this.queue.concurrency += 1;
    this.passOn();
  }

  private passOn(): void {
    const { thrown } = this;
    this.thrown = undefined;
    if (thrown !== undefined) throw thrown.error;
  }
}
