import { PassThrough } from 'node:stream';
import { InternalError, type Isa } from '@fireball/contracts';
import { Hub, serveDapStreams, Session, Shell } from '@fireball/debugger';
import { debugCall } from '@fireball/engines';
import { bundledKernels, loadKernels } from '@fireball/kernels';

/** What goes to and fro between a front end and who looks at it. */
export interface FrontEndCost {
  readonly name: string;
  /** Bytes until it shows where the session stands. */
  readonly first: number;
  /** Of all steps. */
  readonly requests: number;
  readonly messages: number;
  readonly bytes: number;
}

/** Steps by WebAssembly instruction, from the beginning of the kernel on. */
export const measuredSteps = 50;
/** What is stepped through. */
export const frontEndKernel = 'sha256';
/** Rows that the page asks for at once. */
const chunk = 200;

/** Sizes of terminals. */
const terminals = [
  { width: 80, height: 24 },
  { width: 200, height: 60 },
] as const;

/** What every front end is sent for the same steps. Nothing of it depends on time. */
export async function measureFrontEnds(isa: Isa): Promise<readonly FrontEndCost[]> {
  const costs = [await withSession(isa, measureDap), await withSession(isa, measurePage)];
  for (const size of terminals) costs.push(await withSession(isa, (hub) => measureTerminalOf(hub, size)));
  return costs;
}

async function withSession<Result>(isa: Isa, use: (hub: Hub) => Promise<Result>): Promise<Result> {
  const found = (await loadKernels(bundledKernels)).find(({ name }) => name === frontEndKernel);
  if (found === undefined) throw new InternalError(`there is no kernel ${frontEndKernel}`);
  const { target, code } = debugCall(found.loaded, { isa, tier: 'compiled' }, { fuel: 1_000_000_000, maxPages: 1024 }, 'run', []);
  const session = new Session(target, code);
  const outcome = (): string => 'the call has ended';
  const hub = await Hub.open(() => ({
    name: frontEndKernel,
    session,
    shell: new Shell(session, outcome),
    opening: '',
    outcome,
    close: () => {
      target.close();
    },
  }));
  try {
    return await use(hub);
  } finally {
    await hub.end();
  }
}

/** What a debug client gets and asks. */
class DapClient {
  requests = 0;
  messages = 0;
  bytes = 0;
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly served: Promise<void>;
  #rest = Buffer.alloc(0);
  readonly #waiting: { readonly isIt: (message: Message) => boolean; readonly found: (message: Message) => void }[] = [];

  constructor(hub: Hub) {
    this.served = serveDapStreams({ hub }, this.#input, this.#output, () => undefined);
    this.#output.on('data', (bytes: Buffer) => {
      this.bytes += bytes.length;
      this.#rest = Buffer.concat([this.#rest, bytes]);
      for (let message = this.#take(); message !== undefined; message = this.#take()) {
        this.messages++;
        for (const [index, { isIt, found }] of [...this.#waiting.entries()].reverse()) {
          if (!isIt(message)) continue;
          this.#waiting.splice(index, 1);
          found(message);
        }
      }
    });
  }

  #take(): Message | undefined {
    const head = this.#rest.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/.exec(this.#rest.subarray(0, Math.max(0, head)).toString())?.[1] ?? Infinity);
    if (this.#rest.length < head + 4 + length) return undefined;
    const text = this.#rest.subarray(head + 4, head + 4 + length).toString();
    this.#rest = this.#rest.subarray(head + 4 + length);
    return JSON.parse(text) as Message;
  }

  until(isIt: (message: Message) => boolean): Promise<Message> {
    return new Promise((found) => this.#waiting.push({ isIt, found }));
  }

  async ask(command: string, args: object): Promise<Record<string, unknown>> {
    const seq = ++this.requests;
    const answer = this.until((message) => message.type === 'response' && message.request_seq === seq);
    const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
    this.#input.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    const { success, message, body } = await answer;
    if (success !== true) throw new InternalError(`${command}: ${message ?? ''}`);
    return body ?? {};
  }

  leave(): Promise<void> {
    this.#input.end();
    return this.served;
  }
}

interface Message {
  readonly type: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: Record<string, unknown>;
}

/** As VS Code asks, with locals and operands open. */
async function measureDap(hub: Hub): Promise<FrontEndCost> {
  const client = new DapClient(hub);
  const thread = { threadId: 1 };
  const look = async (): Promise<void> => {
    await client.ask('threads', {});
    const { stackFrames } = (await client.ask('stackTrace', { ...thread, startFrame: 0, levels: 1 })) as {
      readonly stackFrames: readonly { readonly id: number }[];
    };
    const { scopes } = (await client.ask('scopes', { frameId: stackFrames[0]!.id })) as { readonly scopes: readonly { readonly variablesReference: number }[] };
    await client.ask('stackTrace', { ...thread, startFrame: 1, levels: 19 });
    for (const { variablesReference } of scopes.slice(0, 2)) await client.ask('variables', { variablesReference });
  };
  await client.ask('initialize', { adapterID: 'fireball' });
  const stopped = client.until(({ event }) => event === 'stopped');
  await client.ask('attach', {});
  await client.ask('configurationDone', {});
  await stopped;
  await look();
  const first = client.bytes;
  const before = { requests: client.requests, messages: client.messages };
  for (let step = 0; step < measuredSteps; step++) {
    const arrived = client.until(({ event }) => event === 'stopped');
    await client.ask('stepIn', { ...thread, granularity: 'statement' });
    await arrived;
    await look();
  }
  const cost = {
    name: 'debug client, asking as VS Code does',
    first,
    requests: client.requests - before.requests,
    messages: client.messages - before.messages,
    bytes: client.bytes - first,
  };
  await client.leave();
  return cost;
}

/** The page with its console, asking as it does: rows of a function when it comes there. */
async function measurePage(hub: Hub): Promise<FrontEndCost> {
  const { loadAssets, Pages } = await import('@fireball/web');
  const pages = new Pages(hub, () => undefined);
  let [requests, messages, bytes] = [0, 0, 0];
  let answered: (answer: PageMessage) => void = () => undefined;
  let receive: (data: unknown, isBinary: boolean) => void = () => undefined;
  const wanted = new Map<number, number>();
  const socket = {
    bufferedAmount: 0,
    readyState: 1,
    OPEN: 1,
    send(text: string): void {
      messages++;
      bytes += Buffer.byteLength(text);
      const message = JSON.parse(text) as PageMessage;
      const shown = message.event === 'state' ? message : message.state;
      if (shown?.function !== undefined) wanted.set(shown.function.key, Math.floor((shown.marks?.wasm ?? 0) / chunk));
      if (message.id !== undefined) answered(message);
    },
    on(event: string, listener: (data: unknown, isBinary: boolean) => void): void {
      if (event === 'message') receive = listener;
    },
  };
  pages.add(socket);
  const ask = async (fields: object): Promise<void> => {
    const answer = new Promise<PageMessage>((resolve) => (answered = resolve));
    receive(Buffer.from(JSON.stringify({ id: ++requests, ...fields })), false);
    const { error } = await answer;
    if (error !== undefined) throw new InternalError(error);
  };
  const known = new Set<string>();
  const rows = async (): Promise<void> => {
    for (const [key, part] of wanted) {
      if (known.has(`${key} ${part}`)) continue;
      known.add(`${key} ${part}`);
      await ask({ do: 'rows', function: key, from: part * chunk, count: chunk });
    }
  };
  await ask({ do: 'hello' });
  await ask({ do: 'functions' });
  await rows();
  const files = [...loadAssets().values()].reduce((sum, file) => sum + file.bytes.length, 0);
  const before = { requests, messages, bytes };
  for (let step = 0; step < measuredSteps; step++) {
    await ask({ do: 'command', line: 'wi' });
    await rows();
  }
  pages.leave();
  const cost = { requests: requests - before.requests, messages: messages - before.messages, bytes: bytes - before.bytes };
  return { name: 'page', first: before.bytes + Math.ceil(files / 1024) * 1024, ...cost };
}

interface PageMessage {
  readonly id?: number;
  readonly event?: string;
  readonly error?: string;
  readonly function?: { readonly key: number };
  readonly marks?: { readonly wasm?: number };
  readonly state?: Pick<PageMessage, 'function' | 'marks'>;
}

async function measureTerminalOf(hub: Hub, size: (typeof terminals)[number]): Promise<FrontEndCost> {
  const { measureTerminal } = await import('@fireball/tui');
  const { first, keys } = await measureTerminal(
    hub,
    size,
    Array.from({ length: measuredSteps }, () => 'w'),
  );
  const bytes = keys.reduce((sum, each) => sum + each, 0);
  return { name: `terminal, ${size.width} x ${size.height}`, first, requests: keys.length, messages: keys.length, bytes };
}
