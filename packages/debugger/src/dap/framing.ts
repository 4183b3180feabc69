import { UsageError } from '@fireball/contracts';
import { Transform, type TransformCallback } from 'node:stream';

/** Longest header of a message, in bytes: `Content-Length` and what else a client may send. */
const mostHeader = 4096;
const headerEnd = '\r\n\r\n';

/** The client sent what is no message of the Debug Adapter Protocol. Nothing that follows can be understood. */
export class FramingError extends UsageError {}

/**
 * Lets whole messages of the Debug Adapter Protocol through (`Content-Length: N`, an empty line, N bytes), and ends with a FramingError at what is
 * none. The library behind it believes every length, and ends at what is no JSON: such a message is left out, and those behind it are not lost.
 * @param mostBytes longest message
 * @param leftOut is told what was wrong with one
 */
export function wholeMessages(mostBytes: number, leftOut: (problem: string) => void): Transform {
  let pieces: Buffer[] = [];
  /** Bytes of the message that are still to come; undefined: in its header. */
  let missing: number | undefined;
  let header = '';

  const body = (chunk: Buffer): number => {
    const taken = Math.min(chunk.length, missing ?? 0);
    pieces.push(chunk.subarray(0, taken));
    missing = (missing ?? 0) - taken;
    return taken;
  };
  const head = (chunk: Buffer): number => {
    const before = header.length;
    header += chunk.subarray(0, mostHeader).toString('latin1');
    const end = header.indexOf(headerEnd);
    if (end < 0 && header.length >= mostHeader) throw new FramingError(`a header of more than ${mostHeader} bytes`);
    if (end < 0) return chunk.length;
    missing = lengthIn(header.slice(0, end), mostBytes);
    header = '';
    return end + headerEnd.length - before;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      try {
        for (let rest = chunk; rest.length > 0;) {
          rest = rest.subarray(missing === undefined ? head(rest) : body(rest));
          if (missing !== 0) continue;
          const message = Buffer.concat(pieces);
          const problem = problemOf(message);
          if (problem === undefined) this.push(Buffer.concat([Buffer.from(`Content-Length: ${message.length}${headerEnd}`), message]));
          else leftOut(problem);
          pieces = [];
          missing = undefined;
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      done(missing === undefined && header === '' ? null : new FramingError('the connection ended in the middle of a message'));
    },
  });
}

/** Why the body of a message is none; undefined where it is one. */
function problemOf(message: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(message.toString());
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' ? undefined : 'it is no object with a type';
  } catch (error) {
    return `it is no JSON: ${(error as SyntaxError).message}`;
  }
}

function lengthIn(header: string, mostBytes: number): number {
  const found = header.split('\r\n').flatMap((line) => /^Content-Length:\s*(\d{1,10})\s*$/i.exec(line)?.[1] ?? []);
  const length = Number(found[0]);
  if (found.length !== 1) throw new FramingError('a header without one Content-Length');
  if (length === 0 || length > mostBytes) throw new FramingError(`a message of ${length} bytes where 1 to ${mostBytes} are taken`);
  return length;
}
