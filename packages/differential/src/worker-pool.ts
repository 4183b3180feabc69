import { fork, type ChildProcess } from 'node:child_process';

/** How a child answered a request, or how it did not. */
export type Answer<Reply> =
  | { readonly kind: 'answered'; readonly reply: Reply }
  /** It took longer than it may, and was ended. */
  | { readonly kind: 'hung' }
  /** The process ended while it worked; `output` is the last line that it wrote to its stderr. */
  | { readonly kind: 'died'; readonly code: number | null; readonly signal: string | null; readonly output: string };

interface WorkerPoolOptions {
  /** The children's program: it answers each message, in order, with one. */
  readonly program: string;
  /** Children at a time. */
  readonly jobs: number;
  readonly nodeOptions?: readonly string[];
  /** Requests that a child is given ahead, so that it never waits. */
  readonly ahead: number;
  /** Longest time of one request, in milliseconds. */
  readonly timeout?: number;
  /** A child is replaced after this many requests: what leaks in it stays small. */
  readonly requestsOfChild?: number;
  /** What the child in this place is told first; it does not answer that. */
  readonly configure?: (place: number) => object;
}

interface Pending<Request, Reply> {
  readonly request: Request;
  readonly answer: (answer: Answer<Reply>) => void;
}

const watchInterval = 250;
const keptOutput = 2000;

/**
 * Long-lived child processes that work requests off. Processes, not threads: a crash of an engine ends only its child (hazard 19)
 * and is the request's answer; what was behind it goes to a new child.
 */
export class WorkerPool<Request extends object, Reply> {
  readonly #places: Place<Request, Reply>[];
  readonly #ahead: number;
  readonly #waiting: Pending<Request, Reply>[] = [];
  readonly #watch: NodeJS.Timeout;

  constructor(options: WorkerPoolOptions) {
    this.#ahead = options.ahead;
    this.#places = Array.from(
      { length: options.jobs },
      (_, index) =>
        new Place(index, options, () => {
          this.#next();
        }),
    );
    this.#watch = setInterval(() => {
      for (const place of this.#places) place.checkTime();
    }, watchInterval);
  }

  /** Requests that keep all children busy. */
  get width(): number {
    return this.#places.length * this.#ahead;
  }

  run(request: Request): Promise<Answer<Reply>> {
    return new Promise((answer) => {
      this.#waiting.push({ request, answer });
      this.#next();
    });
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const free = this.#places.filter((place) => place.load < this.#ahead).sort((a, b) => a.load - b.load)[0];
      if (free === undefined) return;
      free.give(this.#waiting.shift()!);
    }
  }

  /** Ends all children; requests that still run are never answered. */
  close(): void {
    clearInterval(this.#watch);
    for (const place of this.#places) place.close();
  }
}

/** The place of one child at a time. */
class Place<Request extends object, Reply> {
  #child: ChildProcess | undefined;
  #pending: Pending<Request, Reply>[] = [];
  #requests = 0;
  /** When the oldest pending request began. */
  #since = 0;
  #hung = false;
  #output = '';
  #closed = false;

  constructor(
    private readonly index: number,
    private readonly options: WorkerPoolOptions,
    private readonly onFree: () => void,
  ) {}

  /** Pending requests; a child that is to be replaced takes no more. */
  get load(): number {
    return this.#isWorn ? this.options.ahead : this.#pending.length;
  }

  get #isWorn(): boolean {
    return this.#requests >= (this.options.requestsOfChild ?? Infinity);
  }

  give(entry: Pending<Request, Reply>): void {
    this.#child ??= this.#start();
    if (this.#pending.length === 0) this.#since = performance.now();
    this.#pending.push(entry);
    this.#send(entry.request);
  }

  #start(): ChildProcess {
    const { program, nodeOptions = [], configure } = this.options;
    const child = fork(program, { serialization: 'advanced', execArgv: [...nodeOptions], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    this.#requests = 0;
    this.#hung = false;
    this.#output = '';
    this.#since = performance.now();
    child.stderr?.on('data', (text: Buffer) => {
      this.#output = (this.#output + text.toString()).slice(-keptOutput);
    });
    child.on('message', (message) => {
      this.#answer(message as Reply);
    });
    // A message to a child that has just died; its end is reported by the event below.
    child.on('error', () => undefined);
    child.on('close', (code, signal) => {
      if (this.#child === child) this.#ended(code, signal);
    });
    if (configure !== undefined) this.#send(configure(this.index));
    return child;
  }

  #send(message: object): void {
    // The callback keeps a failed send from becoming an event of its own.
    this.#child!.send(message, () => undefined);
  }

  #answer(reply: Reply): void {
    const done = this.#pending.shift();
    this.#since = performance.now();
    this.#requests += 1;
    done?.answer({ kind: 'answered', reply });
    if (this.#isWorn && this.#pending.length === 0) this.#stop();
    this.onFree();
  }

  /** The child is gone: its oldest request ended it, the others move to a new one. */
  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    if (this.#closed) return;
    const [culprit, ...rest] = this.#pending;
    this.#pending = [];
    // Told before the next child starts, which begins afresh.
    culprit?.answer(this.#hung ? { kind: 'hung' } : { kind: 'died', code, signal, output: this.#output.trim().split('\n').at(-1) ?? '' });
    for (const entry of rest) this.give(entry);
    this.onFree();
  }

  checkTime(): void {
    if (this.#pending.length === 0 || this.#child === undefined || performance.now() - this.#since < (this.options.timeout ?? Infinity)) return;
    this.#hung = true;
    this.#child.kill('SIGKILL');
  }

  #stop(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#requests = 0;
    child?.kill('SIGKILL');
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }
}
