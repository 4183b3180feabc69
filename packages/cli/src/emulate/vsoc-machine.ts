import { basename } from 'node:path';
import { InvalidInputError, UnsupportedError, type Isa } from '@fireball/contracts';
import { readInput, socOptions, type EngineOptions } from '@fireball/engines';
import { createVsoc, Firmware, FirmwareFaultError } from '@fireball/vsoc';
import type { Report } from '../report.js';
import { OutputTail } from './output-tail.js';
import { isPage, writeRunReport } from './run-report.js';
import { hintOfBoard } from './other-system.js';
import { ClosedConsole, writeConsole } from './standard-output.js';

/** A virtual SoC executes one instruction a cycle, by definition, at this frequency. */
const virtualHertz = 100_000_000;

export interface VsocOptions extends Omit<EngineOptions, 'profile'> {
  readonly machine: string;
  readonly report?: string;
  readonly json?: true;
}

/** How the firmware ended. */
interface Exit {
  readonly reason: 'returned' | 'fault' | 'out of fuel' | 'console closed';
  /** Exit status of the command. */
  readonly code: number;
}

/** Runs firmware on a virtual SoC, whose system calls are in vsoc/SYSCALLS.md. */
export async function emulateVsoc(image: string, isa: Isa, options: VsocOptions): Promise<Report> {
  const kept = new OutputTail(options.json === true);
  const vsoc = createVsoc({ ...socOptions({ isa, tier: 'mixed' }, options), fuel: options.fuel });
  const start = performance.now();
  try {
    const firmware = withFile(
      image,
      options.machine,
      () =>
        new Firmware(vsoc, readInput(image), {
          console(bytes) {
            if (options.json || isPage(options.report)) kept.keep(bytes.slice());
            if (!options.json) writeConsole(bytes);
          },
        }),
    );
    const { exit, failure } = runToEnd(firmware);
    const seconds = (performance.now() - start) / 1000;
    const instructions = vsoc.calls.lastCounts.instructions;
    const document = {
      machine: options.machine,
      exit,
      instructions,
      virtualSeconds: vsoc.execution.now / virtualHertz,
      seconds,
      mips: instructions / seconds / 1e6,
    };
    const console = kept.text;
    await writeRunReport(options.report, { ...document, console, firmware: basename(image) });
    return {
      exitStatus: exit.code,
      document: { ...document, console },
      text: '',
      ...(failure === undefined ? {} : { failure: `${image}: ${failure}${exit.reason === 'fault' ? ` (${hintOfBoard(options.machine)})` : ''}` }),
    };
  } finally {
    vsoc.close();
  }
}

function runToEnd(firmware: Firmware): { readonly exit: Exit; readonly failure?: string } {
  try {
    const { status } = firmware.run();
    if (status === undefined) return { exit: { reason: 'out of fuel', code: 1 }, failure: 'out of fuel (--fuel)' };
    return { exit: { reason: 'returned', code: status & 0xff } };
  } catch (error) {
    // Nobody reads its console any more.
    if (error instanceof ClosedConsole) return { exit: { reason: 'console closed', code: error.code } };
    if (!(error instanceof FirmwareFaultError)) throw error;
    return { exit: { reason: 'fault', code: error.exitStatus }, failure: error.message };
  }
}

function withFile<T>(file: string, machine: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    // It is an ELF file, and the SoC has no place for it.
    if (error instanceof InvalidInputError && error.facts.file === undefined && error.facts.hint !== undefined) {
      throw new InvalidInputError(error.problem, { ...error.facts, file, hint: `${error.facts.hint}; ${hintOfBoard(machine)}` }, { cause: error });
    }
    throw (error instanceof InvalidInputError || error instanceof UnsupportedError) && error.facts.file === undefined ? error.inFile(file) : error;
  }
}
