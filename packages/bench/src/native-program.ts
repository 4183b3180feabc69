import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError } from '@fireball/contracts';

/** A program in C++ over libunicorn, built for one measurement. */
export class NativeProgram {
  /** For its inputs; it goes with the program. */
  readonly folder = mkdtempSync(join(tmpdir(), 'fireball-bench-'));
  readonly file = join(this.folder, 'program');

  /** Builds it, by the compiler that built the addon. @throws InternalError where that fails */
  constructor(source: string) {
    const compiler = process.env['CXX'] ?? 'g++';
    const { status, stderr } = spawnSync(compiler, ['-O3', '-std=c++17', source, '-lunicorn', '-o', this.file], { encoding: 'utf8' });
    if (status === 0) return;
    this.close();
    throw new InternalError(`${compiler} does not build ${source}: ${stderr}`);
  }

  /** Removes it, and its inputs. */
  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
