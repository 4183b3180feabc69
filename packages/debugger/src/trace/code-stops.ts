import type { DebugTarget } from '@fireball/contracts';

/** Breakpoints at places of the code that is there, which may come and go. */
export class CodeStops {
  #set: ReadonlySet<number> = new Set();
  #generated: object | undefined;

  /** @param places addresses in the code that is there when it is called */
  constructor(
    private readonly target: DebugTarget,
    private readonly places: () => ReadonlySet<number>,
  ) {
    // Code that comes while it runs is marked before it is executed.
    target.stopsAtCode = true;
    this.#place();
  }

  /** To be called between two runs. */
  update(): void {
    if (this.target.generatedCode !== this.#generated) this.#place();
  }

  has(address: number): boolean {
    return this.#set.has(address);
  }

  #place(): void {
    const { stops, generatedCode } = this.target;
    const places = this.places();
    for (const address of this.#set) if (!places.has(address)) stops.breakpoint(address, false);
    for (const address of places) if (!this.#set.has(address)) stops.breakpoint(address, true);
    this.#set = places;
    this.#generated = generatedCode;
  }
}
