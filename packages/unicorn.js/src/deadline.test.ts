import { describe, expect, it } from '@jest/globals';
import { callWithin } from './index.js';
import { loadAddon } from './load.js';

/** Exports `f`: an endless loop of WebAssembly. */
const endlessModule = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 9, 1, 7, 0, 3, 0x40, 0x0c, 0, 0x0b, 0x0b],
]);
interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly f: () => void } };
}
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Api };
const endless = (): void => new WebAssembly.Instance(new WebAssembly.Module(endlessModule)).exports.f();
const forever = (): void => {
  for (;;);
};
/** Far more than a call here takes. */
const long = 60_000;

describe('callWithin', () => {
  it('gives what the call returns', () => {
    expect(callWithin(long, () => 7)).toEqual({ result: 7 });
    expect(callWithin(long, () => undefined)).toEqual({ result: undefined });
  });

  it('lets through what the call throws', () => {
    const error = new RangeError('mine');
    const thrower = (): never => {
      throw error;
    };
    expect(() => callWithin(long, thrower)).toThrow(error);
    expect(() => callWithin(long, () => callWithin(long, thrower))).toThrow(error);
  });

  it.each([
    ['WebAssembly', endless],
    ['JavaScript', forever],
    [
      'what catches everything',
      () => {
        try {
          forever();
        } catch {
          forever();
        } finally {
          forever();
        }
      },
    ],
  ])('ends %s, and all goes on as before', (_, call) => {
    for (let round = 0; round < 3; round++) {
      expect(callWithin(50, call)).toBeUndefined();
      expect(callWithin(long, () => round)).toEqual({ result: round });
    }
  });

  it('nests: the inner call ends alone, and the outer one is ended where both are late', () => {
    expect(callWithin(long, () => callWithin(50, endless))).toEqual({ result: undefined });
    let wentOn = false;
    const outer = callWithin(50, () => {
      callWithin(100, endless);
      wentOn = true;
    });
    expect({ outer, wentOn }).toEqual({ outer: undefined, wentOn: false });
  });

  it.each([[], [1], ['1', forever], [-1, forever], [NaN, forever], [1e300, forever]])('refuses %j', (...args: unknown[]) => {
    const { call_within: callNative } = loadAddon() as unknown as { call_within: (...all: unknown[]) => boolean };
    expect(() => callNative(...args)).toThrow('milliseconds and a function are expected');
  });
});
