import { crc32Of, type CompiledFunction, type LinkedCode } from '@fireball/jit';
import type { TieredFunction } from '../tier/tiered-function.js';

/** A function of `size` code bytes of 0x5a, with a record of what happens to it. */
export class FakeFunction implements TieredFunction {
  readonly index = 0;
  readonly wasmBytes = 10;
  readonly entries = [];
  isCurrent = true;
  used = false;
  /** Code that calls run; undefined: the interpreter. */
  code: LinkedCode | undefined;
  compile: () => CompiledFunction = () => this.compiled;

  constructor(
    readonly id: string,
    readonly size = 250,
  ) {}

  compilation(): () => CompiledFunction {
    return () => this.compile();
  }

  get compiled(): CompiledFunction {
    return {
      index: this.index,
      size: this.size,
      placedTemplates: 1,
      stream: new Uint8Array(),
      callees: new Set(),
      linkAt: (address, _entries, observer = {}) => {
        const bytes = new Uint8Array(this.size).fill(0x5a);
        observer.patched?.(bytes);
        const crc = crc32Of(bytes);
        observer.verified?.(bytes);
        return {
          address,
          bytes,
          crc,
          placedTemplates: 0,
          sites: [],
          siteAt: () => undefined,
          trapStubs: [],
          osrEntries: [],
          locations: undefined,
          stream: new Uint8Array(),
        };
      },
    };
  }

  switchTo(code: LinkedCode | undefined): void {
    this.code = code;
    this.used = code !== undefined;
  }

  rearm(): void {
    // It counts nothing.
  }

  verify(): void {
    // There is nothing behind these bytes.
  }

  memoryBytes(): number {
    return 0;
  }

  forgetUse(): void {
    this.used = false;
  }
}
