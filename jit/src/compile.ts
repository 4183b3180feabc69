import { InternalError, type LocationMap } from '@fireball/contracts';
import type { Assembly, SharedCheck, SiteRole } from './expand/assembly.js';
import { placedAt, placedTemplates, type PlacedTemplate } from './expand/placed.js';
import { calleesOf, linkIn, resolveCallees } from './expand/expand.js';
import { encodeStream } from './expand/stream.js';
import { keptCore, type Core } from './instance/core.js';
import { placerOf, type EntryRange } from './instance/placer.js';
import type { SelectOptions, Selection } from './instance/selection.js';
import { selectFunction } from './instance/selector.js';
import type { FunctionSource } from './plan/body.js';
import { branchKinds } from './target/branches.js';
import type { LinkEnvironment } from './environment.js';
import type { CodeTrapKind } from './target/trap-kinds.js';
import type { TemplateSet } from './templates/index.js';
import { verifyStaging } from './verify/structural.js';

/** One placed template in finished code, for listings, traps and the debugger. Host side only. */
export interface CodeSite {
  /** Byte offset from the start of the function's code. */
  readonly offset: number;
  readonly size: number;
  readonly template: string;
  readonly role?: SiteRole;
  /** Filled holes by operand name. */
  readonly holes: readonly { readonly operand: string; readonly value: number }[];
  /** Offset of the wasm instruction in the module. */
  readonly wasmOffset: number;
  /** A bounds check that several accesses share. */
  readonly sharedCheck?: SharedCheck;
}

/** Where an interpreter that has arrived at a loop may go on in the code (ABI.md, "On-stack replacement"). */
export interface OsrEntry {
  /** Offset of the `loop` in the module. */
  readonly wasmOffset: number;
  /** Byte offset from the start of the function's code. */
  readonly offset: number;
}

/** The code of one function, patched for its address and verified, with what is known of it. A copy by spreading lacks what is made when somebody asks. */
export interface LinkedCode {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** CRC-32, recorded by the structural verifier. */
  readonly crc: number;
  readonly placedTemplates: number;
  /** Made when somebody asks: most functions never trap and are never listed. */
  readonly sites: readonly CodeSite[];
  /** The last of the sites that begin at this offset or before; they need not be made for it. */
  siteAt(offset: number): CodeSite | undefined;
  /** What a device's expander makes the same code of (jit/STREAM.md); made when somebody asks. */
  readonly stream: Uint8Array;
  /** Offset of each trap stub. */
  readonly trapStubs: readonly { readonly offset: number; readonly kind: CodeTrapKind }[];
  /** One for each loop that was asked for and can be reached. */
  readonly osrEntries: readonly OsrEntry[];
  /** Where locals and operands are, if `CompileOptions.locations` asked for it. */
  readonly locations: LocationMap | undefined;
}

/** A function that has been selected and laid out, but has no address yet. */
export interface CompiledFunction {
  readonly index: number;
  readonly size: number;
  readonly placedTemplates: number;
  /** As `LinkedCode.stream`: it does not depend on the address. Not there for code that calls functions directly. */
  readonly stream: Uint8Array;
  /** Functions that it calls directly; all must have their places before it is linked. */
  readonly callees: ReadonlySet<number>;
  /**
   * Patches the code for its address and verifies it, once; `entries` are the places outside that it may branch to.
   * @param core what does the work; the one that compiled it unless told otherwise
   */
  linkAt(address: number, entries: readonly EntryRange[], observer?: StagingObserver, core?: Core): LinkedCode;
}

/** A class, because an object with getters of its own takes seven times as much memory, and there are two for each function. */
class Linked implements LinkedCode {
  readonly placedTemplates: number;
  readonly trapStubs: LinkedCode['trapStubs'];
  readonly osrEntries: readonly OsrEntry[];
  readonly locations: LocationMap | undefined;
  readonly #assembly: Assembly;
  readonly #templates: TemplateSet;
  #sites: readonly CodeSite[] | undefined;

  constructor(
    { assembly, trapLabels, osrEntries, locations }: Selection,
    templates: TemplateSet,
    readonly address: number,
    readonly bytes: Uint8Array,
    readonly crc: number,
  ) {
    this.#assembly = assembly;
    this.#templates = templates;
    this.placedTemplates = assembly.placedCount;
    this.trapStubs = trapLabels.map(({ kind, label }) => ({ offset: assembly.labelOffset(label), kind }));
    this.osrEntries = osrEntries.map(({ wasmOffset, label }) => ({ wasmOffset, offset: assembly.labelOffset(label) }));
    this.locations = locations?.();
  }

  get sites(): readonly CodeSite[] {
    return (this.#sites ??= placedTemplates(this.#assembly).map(siteOf));
  }

  siteAt(offset: number): CodeSite | undefined {
    const found = placedAt(this.#assembly, offset);
    return found === undefined ? undefined : siteOf(found);
  }

  get stream(): Uint8Array {
    return encodeStream(this.#assembly, branchKinds(this.#templates));
  }
}

/** What is made of a function beside its code, and how. */
export type CompileOptions = SelectOptions;

class Compiled implements CompiledFunction {
  readonly #selection: Selection;
  readonly #templates: TemplateSet;
  readonly #environment: LinkEnvironment;
  readonly #core: Core | undefined;
  #isLinked = false;

  constructor(
    readonly index: number,
    selection: Selection,
    templates: TemplateSet,
    environment: LinkEnvironment,
    core: Core | undefined,
  ) {
    this.#selection = selection;
    this.#templates = templates;
    this.#environment = environment;
    this.#core = core;
  }

  get size(): number {
    return this.#selection.assembly.size;
  }

  get placedTemplates(): number {
    return this.#selection.assembly.placedCount;
  }

  get stream(): Uint8Array {
    return encodeStream(this.#selection.assembly, branchKinds(this.#templates));
  }

  get callees(): ReadonlySet<number> {
    return calleesOf(this.#selection.assembly);
  }

  linkAt(address: number, entries: readonly EntryRange[], observer = unobserved, core = this.#core): LinkedCode {
    if (this.#isLinked) throw new InternalError(`function ${this.index} is linked twice`);
    this.#isLinked = true;
    const { assembly } = this.#selection;
    const { features, directCalls } = this.#environment;
    const placer = placerOf(core ?? keptCore());
    const callees = directCalls === undefined ? noCallees : resolveCallees(assembly, (callee) => directCalls.entryOf(callee), placer);
    linkIn(placer, assembly, address);
    observer.patched?.(placer.staging);
    const crc = verifyStaging(placer, assembly, entries, callees, features);
    const bytes = placer.staging.slice();
    observer.verified?.(bytes);
    return new Linked(this.#selection, this.#templates, address, bytes, crc);
  }
}

const noCallees: ReadonlySet<number> = new Set();
const unobserved: StagingObserver = {};

/** Sees the staging buffer on its way; whoever tests failure paths spoils it there. */
export interface StagingObserver {
  /** Patched, not yet verified. */
  patched?(staging: Uint8Array): void;
  /** Verified, its checksum taken. */
  verified?(staging: Uint8Array): void;
}

/**
 * Compiles one validated function: plan, select, expand; patch and verify follow in `linkAt`.
 * @throws UnsupportedError naming what the JIT does not do yet
 * @throws UsageError where an option names no loop of the function
 * @param core what does the work; the host's own unless told otherwise
 */
export function compileFunction(
  source: FunctionSource,
  templates: TemplateSet,
  environment: LinkEnvironment,
  options: CompileOptions = {},
  core?: Core,
): CompiledFunction {
  return new Compiled(source.index, selectFunction(source, templates, environment, options, core), templates, environment, core);
}

function siteOf({ offset, template, values, wasmOffset, role, sharedCheck }: PlacedTemplate): CodeSite {
  return {
    offset,
    size: template.size,
    template: template.name,
    holes: template.operands.map(({ name, index }) => ({ operand: name, value: values[index] ?? 0 })),
    wasmOffset,
    ...(role === undefined ? {} : { role }),
    ...(sharedCheck === undefined ? {} : { sharedCheck }),
  };
}
