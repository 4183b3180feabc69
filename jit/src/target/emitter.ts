import type { Assembly, Label, SiteRole } from '../expand/assembly.js';
import type { Template } from '../templates/index.js';
import type { Frame } from './frame.js';
import type { Reg } from './registers.js';

/** What the emitters of both targets share: placing templates and labels, and the places where the function is left. */
export abstract class Emitter<Templates extends Readonly<Record<string, Template>>> {
  wasmOffset = 0;
  linkUsed = false;
  /** How the function is left at each site; undefined for the ordinary epilogue. */
  private readonly sites: (((frame: Frame) => void) | undefined)[] = [];

  /**
   * @param t the templates that the macro assembler places
   * @param link the link register of calls
   * @param filler stands where the function is left until `placeSite` puts the code there
   */
  protected constructor(
    readonly assembly: Assembly,
    protected readonly t: Templates,
    private readonly link: Reg,
    private readonly filler: Template,
  ) {}

  abstract epilogue(frame: Frame): void;

  protected emit(template: Template, ...values: number[]): void {
    this.assembly.emit(template, values, this.wasmOffset);
  }

  /** As `emit`, for a template that others than listings have to know. */
  protected emitAs(role: SiteRole | undefined, template: Template, ...values: number[]): void {
    this.assembly.emit(template, values, this.wasmOffset).role = role;
  }

  bind(label: Label): void {
    this.assembly.bind(label);
  }

  returnSite(leave?: (frame: Frame) => void): void {
    this.sites.push(leave);
    this.assembly.leaveSite(this.filler, this.sites.length - 1, this.wasmOffset);
  }

  boundsCallSite(call: () => void): void {
    this.returnSite(call);
  }

  placeSite(site: number, frame: Frame): void {
    const leave = this.sites[site];
    if (leave === undefined) this.epilogue(frame);
    else leave(frame);
  }

  useLink(): Reg {
    this.linkUsed = true;
    return this.link;
  }
}
