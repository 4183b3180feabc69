import type { DebugFunction } from '@fireball/contracts';
import { innermost } from '../session/frames.js';
import type { Session } from '../session/session.js';
import type { SessionStop } from '../session/stop.js';
import type { LineRun, SourcePlace } from './source-lines.js';
import { firstWithCode } from './source-stops.js';

/** Steps until others have their turn. */
const stepsOfTurn = 500;

/** An activation, and the line that it is at. */
interface LinePosition {
  /** Undefined in firmware. */
  readonly code: DebugFunction | undefined;
  /** In the module; of firmware its address. */
  readonly offset: number;
  readonly sp: number;
  /** Activations, this one included. */
  readonly depth: number;
  readonly run: LineRun | undefined;
}

/** Bytes of the longest instruction. */
const longest = 4;

/**
 * Steps by source lines: as many WebAssembly instructions as that takes, of firmware machine instructions. Functions without lines are gone through; where the
 * session stands in one, a step is one instruction.
 */
export class LineSteps {
  constructor(private readonly session: Session) {}

  /** Where a step by lines begins: at a line, or outside of functions, from where it may come to one. Undefined where there are no lines. */
  #begin(): { readonly from: LinePosition | undefined } | undefined {
    const { index } = this.session.sources;
    if (index === undefined || index.files.length === 0) return undefined;
    const from = this.#here();
    return from === undefined || from.run !== undefined ? { from } : undefined;
  }

  /** What lines consist of. */
  get unit(): 'wasm' | 'machine' {
    return this.session.view.functions.length === 0 ? 'machine' : 'wasm';
  }

  /** @param before the position of which the depth is known, where it may still be the same activation */
  #here(before?: LinePosition): LinePosition | undefined {
    return this.unit === 'machine' ? this.#hereInFirmware(before) : this.#hereInModule(before);
  }

  #hereInFirmware(before: LinePosition | undefined): LinePosition {
    const { session } = this;
    const { pc } = session.target;
    const sp = Number(session.target.readRegister('sp'));
    // Who goes on to the next instruction has not called, and not returned.
    const isSame = before?.sp === sp && Math.abs(pc - before.offset) <= longest;
    return { code: undefined, offset: pc, sp, depth: isSame ? before.depth : session.frames().length, run: session.sources.index?.at(pc) };
  }

  #hereInModule(before: LinePosition | undefined): LinePosition | undefined {
    const { session } = this;
    const frame = before === undefined ? session.frames()[0] : innermost(session.target, session.view, session.order);
    const { code, boundary, sp } = frame ?? {};
    if (code === undefined || boundary === undefined || sp === undefined) return undefined;
    const isSame = before?.code?.index === code.index && before.sp === sp;
    const { wasmOffset: offset } = boundary;
    return { code, offset, sp, depth: isSame ? before.depth : session.frames().length, run: session.sources.at(offset) };
  }

  /** On to where the next line begins; of one that calls, into the function, behind the code that sets its frame up, or over it. */
  async step(how: 'into' | 'over'): Promise<SessionStop> {
    const begin = this.#begin();
    if (begin === undefined) return this.#one(how);
    let { from } = begin;
    for (let steps = 1; ; steps++) {
      const stop = await this.#one(how);
      if (stop.why !== 'step') return stop;
      let here = this.#here(from);
      while (here !== undefined && here.run === undefined && here.depth !== from?.depth) {
        if (here.depth === 1) return stop;
        const left = await this.session.finish(this.unit);
        if (left.why !== 'step') return left;
        here = this.#here(from);
      }
      if (here === undefined) continue;
      if (from === undefined || here.depth < from.depth) return { why: 'step' };
      if (here.depth > from.depth) {
        if (!hasOtherLines(here, this.session)) return { why: 'step' };
        // Up to its next line, the function sets up its frame.
        from = here;
      } else if (isOther(here.run, from.run) && startsLine(here)) return { why: 'step' };
      if (steps % stepsOfTurn === 0 && (await this.session.wasInterrupted())) return { why: 'interrupted' };
    }
  }

  #one(how: 'into' | 'over'): SessionStop | Promise<SessionStop> {
    return how === 'into' ? this.session.step(this.unit) : this.session.stepOver(this.unit);
  }

  #oneBack(how: 'into' | 'over'): SessionStop | Promise<SessionStop> {
    return how === 'into' ? this.session.stepBack(this.unit) : this.session.stepBackOver(this.unit);
  }

  /** Back to where the line begins that it is inside of, or else the one before it, which may be the last one of a function that was called. */
  async stepBack(how: 'into' | 'over'): Promise<SessionStop> {
    const { session } = this;
    const begin = this.#begin();
    if (begin === undefined) return this.#oneBack(how);
    const { from } = begin;
    let wanted = from?.run?.isStatement === true && !startsLine(from) ? from : undefined;
    let last = from;
    for (let steps = 1; ; steps++) {
      const before = { count: session.target.instructions, order: session.order };
      const stop = await this.#oneBack(how);
      if (stop.why !== 'step') return stop;
      let here = this.#here(last);
      while (here !== undefined && here.run === undefined && here.depth > (last?.depth ?? 0)) {
        const left = await session.finishBack(this.unit);
        if (left.why !== 'step') return left;
        here = this.#here(last);
      }
      if (here === undefined) continue;
      if (wanted === undefined || here.depth > wanted.depth) {
        if (here.run?.isStatement === true && (isOther(here.run, from?.run) || here.depth !== from?.depth)) wanted = here;
      } else if (here.depth < wanted.depth || isOther(here.run, wanted.run)) {
        session.goTo(before.count);
        session.order = before.order;
        return { why: 'step' };
      }
      last = here;
      if (steps % stepsOfTurn === 0 && (await session.wasInterrupted())) return { why: 'interrupted' };
    }
  }
}

function isOther(a: SourcePlace | undefined, b: SourcePlace | undefined): boolean {
  return a !== undefined && (a.line !== b?.line || a.file !== b.file);
}

/** Does it stand at the first instruction of the line's that has code? */
function startsLine({ code, offset, run }: LinePosition): boolean {
  return run?.isStatement === true && (code === undefined ? run.begin : firstWithCode(code, run.begin, run.end)) === offset;
}

function hasOtherLines({ code, run }: LinePosition, { sources }: Session): boolean {
  return code !== undefined && code.wasm.some(({ offset }) => isOther(sources.at(offset), run));
}
