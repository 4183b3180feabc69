import { compileFunction, functionSource, type CompiledFunction, type FunctionSource, type LinkedCode } from '@fireball/jit';
import type { FunctionType, ValidatedFunction, ValidatedModule } from '@fireball/wasm';
import { UnsupportedError } from '@fireball/contracts';
import { CodeMemoryFullError, type ExecutableRegion, type InstalledCode, type WritableRegion } from '../../chip/code-memory.js';
import type { CompileTarget } from '../compile-target.js';
import { loopsOf } from '../loops.js';
import { FunctionPlaces } from './function-places.js';
import type { IndexSpaces } from './index-spaces.js';
import type { InstanceEnvironment, Linkage } from './linkage.js';

interface PlacedFunction extends InstalledCode<LinkedCode> {
  readonly index: number;
}

/** A function whose code has a place, but is not linked yet. */
interface WaitingFunction {
  readonly entry: ValidatedFunction;
  readonly source: FunctionSource;
  readonly environment: InstanceEnvironment;
  readonly compiled: CompiledFunction;
  readonly place: WritableRegion;
}

interface InstanceCodeInputs {
  readonly target: CompileTarget;
  readonly validated: ValidatedModule;
  readonly spaces: IndexSpaces;
  readonly linkage: Linkage;
  /** Called when all functions have been placed. */
  allPlaced(): void;
  /** Called when a function's code has gone. */
  freed(region: ExecutableRegion): void;
}

/** The machine code of an instance all of whose functions are compiled: at once, and anew when somebody gets hold of its memory. */
export class InstanceCode {
  private readonly placed: PlacedFunction[] = [];
  /** Places of functions that wait. */
  private readonly reserved = new Set<WritableRegion>();

  constructor(private readonly inputs: InstanceCodeInputs) {
    inputs.spaces.memories[0]?.onResize(() => this.unfixMemory());
  }

  /** Compiles and places every function, then links and installs them. If one fails, no code memory is kept. */
  compileAll(): void {
    const { target, validated, linkage } = this.inputs;
    const { length } = validated.functions;
    const { size, granule } = target.codeMemory;
    if (length * granule > size) throw new CodeMemoryFullError(`code memory of ${size} bytes is full: ${length} functions take ${length * granule} at least`);
    try {
      const places = new FunctionPlaces(target.isa, validated);
      let environment = linkage.environment(undefined, places);
      const waiting = validated.functions.map((entry) => {
        const made = this.compile(entry, environment, places);
        ({ environment } = made);
        return made;
      });
      this.bringWithinReach(waiting, places);
      for (const made of waiting) this.install(made);
      this.inputs.allPlaced();
    } catch (error) {
      // Nothing of this instance can run without the rest.
      for (const place of this.reserved) this.abandon(place);
      this.release();
      throw error;
    }
  }

  /** Compiles anew what a direct call does not reach from. */
  private bringWithinReach(waiting: WaitingFunction[], places: FunctionPlaces): void {
    if (places.areClose) return;
    // Its code may move, so that it is out of reach for others; but each function comes here once.
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const [position, { entry, environment, compiled, place }] of waiting.entries()) {
        if (places.isInReach(entry.index, compiled.callees)) continue;
        places.giveUp(entry.index);
        this.abandon(place);
        waiting[position] = this.compile(entry, environment, places);
        isDone = false;
      }
    }
  }

  private reserve(size: number): WritableRegion {
    const place = this.inputs.target.codeMemory.reserve(size);
    this.reserved.add(place);
    return place;
  }

  private abandon(place: WritableRegion): void {
    this.reserved.delete(place);
    place.abandon();
  }

  /** Compiles for `given`, or for another environment where the code comes to lie out of its reach. */
  private compile(entry: ValidatedFunction, given: InstanceEnvironment, places: FunctionPlaces): WaitingFunction {
    const { target, validated, linkage } = this.inputs;
    const source = functionSource(validated, entry);
    const options = { osrLoops: target.osrEntries ? loopsOf(entry) : [], locations: target.locations, branches: target.branches };
    let environment = given;
    let compiled = compileFunction(source, target.templates, environment, options);
    let place = this.reserve(compiled.size);
    if (!environment.reaches(place.address, place.size)) {
      this.abandon(place);
      environment = linkage.environment(place.address + place.size, places);
      compiled = compileFunction(source, target.templates, environment, options);
      place = this.reserve(compiled.size);
    }
    if (!environment.reaches(place.address, place.size))
      throw new UnsupportedError(`a function of ${compiled.size} bytes of code so far from what it calls`, { offset: source.start, section: 'code' });
    places.put(entry.index, place);
    return { entry, source, environment, compiled, place };
  }

  private install({ entry, source, environment, compiled, place }: WaitingFunction): void {
    const { target, spaces } = this.inputs;
    this.reserved.delete(place);
    const { code, region } = place.fill((address) => {
      const linked = compiled.linkAt(address, environment.entries);
      target.verifier?.verify({ isa: target.isa, cpu: target.cpu.cpu, source, environment, code: linked });
      return linked;
    });
    this.placed.push({ index: entry.index, code, region });
    target.codeMap.add({ index: entry.index, code, memoryBytes: () => spaces.memoryBytes });
    target.store.setCode(spaces.slotOf(entry.index), code.address);
  }

  /** Somebody else can grow the memory from now on: code with the size in it is compiled anew. */
  private unfixMemory(): void {
    if (!this.inputs.linkage.unfixMemory()) return;
    this.release();
    this.compileAll();
  }

  /** Gives all code memory back; the slots are empty again. */
  private release(): void {
    const { target, spaces, linkage } = this.inputs;
    for (const { index, code, region } of this.placed.splice(0).reverse()) {
      target.store.setCode(spaces.slotOf(index), 0);
      target.codeMap.remove(code.address);
      region.free();
      this.inputs.freed(region);
    }
    linkage.release();
  }

  /** Where an interpreter goes on whose activation has come to the header of the loop at `wasmOffset`; undefined where there is no entry for it. */
  loopEntry(index: number, wasmOffset: number): number | undefined {
    const code = this.placed.find((candidate) => candidate.index === index)?.code;
    const entry = code?.osrEntries.find((candidate) => candidate.wasmOffset === wasmOffset);
    return code === undefined || entry === undefined ? undefined : code.address + entry.offset;
  }

  /** Of each function with a body, in order. */
  get functions(): readonly LinkedCode[] {
    return this.placed.map(({ code }) => code);
  }

  /** Where each function begins, with its type. */
  get entryPoints(): { readonly begin: number; readonly type: FunctionType }[] {
    const { spaces } = this.inputs;
    return this.placed.map(({ index, code }) => ({ begin: code.address, type: spaces.functionAt(index).type }));
  }

  /** Stubs and in-code tables included. */
  get bytes(): number {
    return this.placed.reduce((bytes, { code }) => bytes + code.bytes.length, 0);
  }
}
