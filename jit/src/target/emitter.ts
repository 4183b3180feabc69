import type { Assembly, Label, SiteRole } from '../expand/assembly.js';
import type { BranchForms } from '../expand/branch-forms.js';
import { toAddress, toCallee, toLabel } from '../core/layout/placed.js';
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

  protected emit(template: Template, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number): void {
    this.assembly.emit(template, this.wasmOffset, a, b, c, d, e, f, g);
  }

  /** As `emit`, for a template that others than listings have to know. */
  protected emitAs(role: SiteRole | undefined, template: Template, a?: number, b?: number, c?: number, d?: number, e?: number): void {
    this.assembly.emit(template, this.wasmOffset, a, b, c, d, e);
    if (role !== undefined) this.assembly.setRole(role);
  }

  /** Places a branch of a kind, with its values, to a label. */
  protected branchTo(label: Label, kind: BranchForms, a?: number, b?: number, c?: number, d?: number): void {
    this.assembly.branch(kind, toLabel, label, this.wasmOffset, a, b, c, d);
  }

  /** Places one to an address outside of the function. */
  protected leaveTo(address: number, kind: BranchForms, a?: number): void {
    this.assembly.branch(kind, toAddress, address, this.wasmOffset, a);
  }

  /** Places one to another function of the module, wherever it will lie. */
  protected leaveToCallee(callee: number, kind: BranchForms, a?: number): void {
    this.assembly.branch(kind, toCallee, callee, this.wasmOffset, a);
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
