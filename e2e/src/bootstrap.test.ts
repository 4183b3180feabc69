import { describe, expect, it } from '@jest/globals';
import { DeviceCore } from '@fireball/vsoc';
import { compiledTargets } from './testing/native.js';

/** Every so many functions; a long run takes all. */
const step = process.env['BOOTSTRAP'] === 'all' ? 1 : 5;
/** The sandbox looks at every access: it gets fewer. */
const sandboxedStep = 50;

describe.each(compiledTargets)('the $compiler compiler, compiled for $isa by the optimizing one, on the device', ({ isa, compiler }) => {
  /** How many of its own functions it compiles there: an error where the code is not what the host makes. */
  function compileItself(device: DeviceCore, every: number): number {
    return [...device.compileSame(device.module, (_, position) => position % every === 0, undefined, compiler)].length;
  }

  it('compiles itself, to the code that the host makes', () => {
    const device = new DeviceCore(isa);
    try {
      expect(compileItself(device, step)).toBe(Math.ceil(device.module.functions.length / step));
      // It was there that selection happened.
      expect(device.takeCounts().get(compiler === 'baseline' ? 'compileBaseline' : 'selectByNeed')).toBeGreaterThan(1_000_000);
    } finally {
      device.close();
    }
  }, 600_000);

  it.each(['all', 'none'] as const)(
    'breaks out of nothing while it does, with %s of its bounds checks',
    (boundsChecks) => {
      const device = new DeviceCore(isa, { sandbox: {}, boundsChecks });
      try {
        expect(compileItself(device, sandboxedStep)).toBeGreaterThan(0);
      } finally {
        device.close();
      }
    },
    600_000,
  );
});
