import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { InternalError } from '@fireball/contracts';

/** Of Debian's package firmware-microbit-micropython. */
const image = '/usr/share/firmware-microbit-micropython/firmware.hex';

/**
 * Seconds from the start of the process to its end at MicroPython's first prompt on the board microbit, of the fastest pass.
 * @param main the built command line
 * @returns undefined where the image is not installed
 */
export function bootSeconds(main: string, passes: number): number | undefined {
  if (!existsSync(image)) return undefined;
  let fastest = Infinity;
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [main, 'emulate', image, '--machine', 'microbit', '--until', '>>> ', '--max-virtual-time', '10'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0) throw new InternalError(`MicroPython's prompt has not come: ${stderr}`);
    fastest = Math.min(fastest, (performance.now() - start) / 1000);
  }
  return fastest;
}
