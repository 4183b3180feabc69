import { pathToFileURL } from 'node:url';

// The child process in which hostile command lines run, one after the other, as the command line runs them.

/** What the parent asks. */
interface Request {
  readonly args: readonly string[];
}

/** How one ended. */
export interface Answer {
  readonly status: number;
  readonly stdout: number;
  readonly stderr: string;
  /** Processor time, in milliseconds. */
  readonly cpu: number;
}

type RunCommandLine = (
  args: readonly string[],
  streams: { stdout(text: string): void; stderr(text: string): void; readonly interactive: boolean },
) => Promise<number>;

const { runCommandLine } = (await import(pathToFileURL(process.argv[2]!).href)) as { readonly runCommandLine: RunCommandLine };
/** Enough of what is said to see what it is. */
const keptText = 4000;

async function run({ args }: Request): Promise<Answer> {
  let [stdout, stderr] = [0, ''];
  const before = process.cpuUsage();
  const status = await runCommandLine(args, {
    stdout: (text) => (stdout += text.length),
    stderr: (text) => (stderr = (stderr + text).slice(0, keptText)),
    interactive: false,
  });
  const { user, system } = process.cpuUsage(before);
  return { status, stdout, stderr, cpu: (user + system) / 1000 };
}

process.on('message', (request: Request) => void run(request).then((answer) => process.send!(answer)));
