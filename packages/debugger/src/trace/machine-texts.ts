import type { CodeView, DebugFunction, DebugTarget, PrintedSite } from '@fireball/contracts';
import { siteAt } from '../session/boundaries.js';

/** Bytes of the longest instruction. */
const longestInstruction = 4;
/** Most functions whose listings are kept, and most instructions elsewhere. */
const mostKept = 256;
const mostTexts = 65_536;

/** One instruction as text; undefined where the bytes are none. */
export type Disassembler = (bytes: Uint8Array, address: number) => string | undefined;

/** What machine code says: of generated code as listings have it, of other code by a disassembler. */
export class MachineTexts {
  readonly #listings = new Map<DebugFunction, ReadonlyMap<number, PrintedSite>>();
  readonly #texts = new Map<number, string>();

  constructor(
    private readonly target: DebugTarget,
    private readonly view: CodeView,
    private readonly disassemble: Disassembler,
  ) {}

  /** A template's name and what its holes were filled with. */
  async template(code: DebugFunction, address: number): Promise<string> {
    const site = (await this.#sites(code)).get(address);
    if (site === undefined) return '';
    return [
      site.template,
      ...Object.entries(site.holes).map(([operand, value]) => `${operand}=${value}`),
      ...(site.trap === null ? [] : [`; ${site.trap}`]),
    ].join(' ');
  }

  /** The instruction at an address; outside of generated code, behind the name of the routine. */
  async machine(code: DebugFunction | undefined, address: number): Promise<string> {
    if (code !== undefined) {
      const site = siteAt(code, address);
      const printed =
        site === undefined ? undefined : (await this.#sites(code)).get(site.address)?.instructions.find((instruction) => instruction.address === address);
      if (printed !== undefined) return printed.text;
    }
    let text = this.#texts.get(address);
    if (text === undefined) {
      if (this.#texts.size >= mostTexts) this.#texts.clear();
      text = this.#decoded(address);
      this.#texts.set(address, text);
    }
    const routine = code === undefined ? this.view.routineAt(address) : undefined;
    return routine === undefined ? text : `${routine}: ${text}`;
  }

  #decoded(address: number): string {
    const bytes = this.target.peek(address, longestInstruction) ?? this.target.peek(address, longestInstruction / 2);
    return (bytes === undefined ? undefined : this.disassemble(bytes, address)) ?? '?';
  }

  async #sites(code: DebugFunction): Promise<ReadonlyMap<number, PrintedSite>> {
    let sites = this.#listings.get(code);
    if (sites === undefined) {
      if (this.#listings.size >= mostKept) this.#listings.clear();
      sites = new Map((await code.listing()).map((site) => [site.address, site]));
      this.#listings.set(code, sites);
    }
    return sites;
  }
}
