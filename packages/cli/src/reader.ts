import { ProgramExit } from '@fireball/wasm';
import type { Report } from './report.js';

/** A report of what writes as it goes: where nobody reads standard output any more, it has ended as by SIGPIPE. */
export async function untilReaderGoes(write: () => Promise<Report>): Promise<Report> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ProgramExit) return { exitStatus: error.code, document: undefined, text: '' };
    throw error;
  }
}
