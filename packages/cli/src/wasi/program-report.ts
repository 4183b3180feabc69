import { printable } from '@fireball/contracts';
import type { ProgramEnd, TrapReport } from '@fireball/engines';
import type { BacktraceEntry } from '@fireball/wasm';
import type { Report } from '../report.js';

/** Frames shown of a deep stack. */
const shownFrames = 32;

/**
 * What the command says of a program that has ended. Its exit status is the program's own, or 1 after a trap.
 * @param stdout what it wrote, where that was kept for the document
 */
export function programReport(file: string, end: ProgramEnd, stdout: string | undefined): Report {
  const trap = end.kind === 'returned' ? end.outcome.trap : null;
  const code = end.kind === 'exit' ? end.code : 0;
  return {
    exitStatus: trap === null ? code : 1,
    document: {
      exit: trap === null ? code : null,
      ...(stdout === undefined ? {} : { stdout }),
      results: [],
      trap: trap === null ? null : { kind: trap.kinds[0], wasmOffset: trap.wasmOffset, function: trap.function, backtrace: trap.backtrace },
      stats: end.kind === 'returned' ? end.outcome.statistics : end.statistics,
    },
    text: '',
    ...(trap === null ? {} : { failure: `${printable(file)}: trap: ${trap.kinds.join(' or ')}${formatBacktrace(trap)}` }),
  };
}

/** The frames, one a line, as browsers show them: name, function index and module offset. */
function formatBacktrace({ backtrace }: TrapReport): string {
  const lines = backtrace.slice(0, shownFrames).map(formatFrame);
  if (backtrace.length > shownFrames) lines.push('    ..');
  return lines.map((line) => `\n${line}`).join('');
}

function formatFrame({ name, function: index, offset }: BacktraceEntry): string {
  return `    at ${printable(name)} (wasm-function[${index}]:0x${offset.toString(16)})`;
}
