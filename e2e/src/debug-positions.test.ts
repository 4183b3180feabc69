/**
 * At random machine instructions of kernels and random modules, inside of templates, prologues, routines and handlers too, whatever a session shows is what the
 * reference interpreter has there.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Session, Values, type Unit, type Variable } from '@fireball/debugger';
import { caseOfSeed, parseFeatures } from '@fireball/differential';
import { createStore, debugCall, decodeInput, loadModule, Random, type EngineOptions, type LoadedModule } from '@fireball/engines';
import { instantiate, type Value } from '@fireball/wasm';
import { root } from './testing/fireball.js';

const kernels = join(root, 'packages', 'kernels', 'data', 'wasm');
/** The full size is 1,000 positions of every kernel and of 500 modules. */
const positions = Number.parseInt(process.env['POSITIONS'] ?? '5', 10);
const modules = Number.parseInt(process.env['POSITIONS_MODULES'] ?? '4', 10);
const seed = Number.parseInt(process.env['POSITIONS_SEED'] ?? '1', 10);
/** Of the reference, from the beginning of a call. */
const longest = Math.max(3000, 60 * positions);
const places = (['thumb2', 'rv32'] as const).flatMap((isa) => (['compiled', 'mixed'] as const).map((tier) => ({ isa, tier })));
type Place = (typeof places)[number];

const options: EngineOptions = { fuel: 100_000, maxPages: 32, cpu: 'cortex-m4,rv32imfdc', hot: [6, 12], compileCost: 10 };
/** References are numbers in the reference and addresses here; a tail call in the interpreter leaves its frame where it is. */
const refers = /^(ref|table|call_indirect|return_call)/;

interface Moment {
  readonly offset: number;
  readonly frames: number;
  readonly locals: readonly (readonly number[])[];
  readonly operands: readonly (readonly number[])[];
  readonly globals: readonly (readonly number[])[];
}

class Enough extends Error {}

function momentsOf({ validated }: LoadedModule, index: number, args: readonly Value[]): Moment[] {
  const instance = instantiate(createStore(options), validated, () => undefined);
  const moments: Moment[] = [];
  let outer: number | undefined;
  try {
    instance.invoke(index, args, {
      fuel: 100_000,
      observer: {
        beforeInstruction(view) {
          if (moments.length === longest) throw new Enough();
          outer ??= view.frameCount - 1;
          moments.push({
            offset: view.position.offset,
            frames: view.frameCount - outer,
            locals: Array.from({ length: view.position.function.validated.locals.count }, (_, local) => view.localWords(local)),
            operands: Array.from({ length: view.operandCount }, (_, operand) => view.operandWords(operand)),
            globals: instance.globals.map(({ words }) => [...words]),
          });
        },
      },
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return moments;
}

/** Every machine instruction of the call, and which moment of the reference it belongs to: that of the last boundary. */
interface Way {
  readonly momentAt: ReadonlyMap<number, Moment>;
  readonly end: number;
}

const silent = /^(block|loop|nop|end|else)/;

function wayOf(session: Session, moments: readonly Moment[]): Way {
  const { target, view } = session;
  const momentAt = new Map<number, Moment>();
  let next = 0;
  for (;;) {
    const { here } = session;
    const boundary = session.boundary;
    if (here !== undefined && boundary !== undefined) {
      // The last one at this address.
      const all = here.locations.boundaries.filter(({ codeOffset }) => here.begin + codeOffset === view.position).map(({ wasmOffset }) => wasmOffset);
      const offset = here.interpreted ? boundary.wasmOffset : all.at(-1)!;
      if (!silent.test(here.wasm.find((instruction) => instruction.offset === offset)!.text)) {
        let found = next;
        while (found < moments.length && moments[found]!.offset !== offset) found++;
        if (found === moments.length) return { momentAt, end: target.instructions };
        momentAt.set(target.instructions, moments[found]!);
        next = found + 1;
      }
    }
    if (session.step('machine').why !== 'step') return { momentAt, end: target.instructions };
  }
}

function compare(kind: string, shown: readonly Variable[], expected: readonly (readonly number[])[], isReference: (index: number) => boolean): number {
  let compared = 0;
  for (const [index, { words, was, type }] of shown.entries()) {
    const value = words ?? was;
    if (value === undefined || type === 'funcref' || type === 'externref' || isReference(index)) continue;
    expect([kind, index, value]).toEqual([kind, index, expected[index]!.slice(0, value.length)]);
    compared++;
  }
  return compared;
}

/** Values at random positions, each reached by going back or forwards. Returns how many there were, and at how many positions inside of instructions. */
function visit(loaded: LoadedModule, place: Place, name: string, args: readonly Value[]): { readonly compared: number; readonly inside: number } {
  const index = loaded.module.exports.find((entry) => entry.name === name)!.index;
  const moments = momentsOf(loaded, index, args);
  const { target, code } = debugCall(loaded, place, options, name, args);
  const session = new Session(target, code, { spacing: 2000, denseSpacing: 100, share: Infinity });
  const random = new Random(seed);
  const values = new Values(target, code);
  let compared = 0;
  let inside = 0;
  try {
    const { momentAt, end } = wayOf(session, moments);
    const known = [...momentAt.keys()];
    for (let visits = 0; visits < positions && known.length > 0; visits++) {
      const count = random.below(end);
      session.goTo(count);
      const before = [target.pc, target.instructions];
      const frames = session.inspect();
      expect([target.pc, target.instructions]).toEqual(before);
      const frame = frames.find(({ boundary }) => boundary !== undefined);
      if (frame?.code === undefined || frames.some(({ code: each }) => each?.wasm.some(({ text }) => refers.test(text)))) continue;
      const last = known.findLast((each) => each <= count);
      const moment = last === undefined ? undefined : momentAt.get(last);
      // A frame that is entered or left, and boundaries of instructions that the reference does not stop at.
      if (
        moment === undefined ||
        frame.boundary!.wasmOffset !== moment.offset ||
        frames.filter((each) => each.boundary !== undefined || each.entry === true).length !== moment.frames
      )
        continue;
      compared += compare('local', values.locals(frame), moment.locals, () => false) + compare('operand', values.operands(frame), moment.operands, () => false);
      if (frame.exact) compared += compare('global', values.globals(), moment.globals, () => false);
      else inside++;
      if (visits % 4 === 0) wander(session, count, random);
    }
  } finally {
    target.close();
  }
  return { compared, inside };
}

/** Forwards and back by as many ends in the identical state. */
function wander(session: Session, count: number, random: Random): void {
  const { target } = session;
  for (const unit of ['wasm', 'template', 'machine'] satisfies Unit[]) {
    session.goTo(count);
    if (unit !== 'machine' && session.step(unit).why !== 'step') continue;
    const state = stateOf(session);
    const times = 1 + random.below(4);
    let done = 0;
    while (done < times && session.step(unit).why === 'step') done++;
    if (done < times) continue;
    for (let back = 0; back < times; back++) expect(session.stepBack(unit)).toEqual({ why: 'step' });
    expect([unit, stateOf(session)]).toEqual([unit, state]);
  }
  expect(target.instructions).toBeGreaterThanOrEqual(count);
}

function stateOf({ target, order }: Session): readonly unknown[] {
  const registers = target.registers.map(({ name }) => target.readRegister(name));
  const memory = target
    .memoryMap()
    .filter(({ kind }) => kind === 'ram')
    .map(({ base, size }) => Buffer.from(target.peek(base, size)!).toString('latin1').replaceAll('\0', ''));
  return [target.instructions, order, registers, memory];
}

it.each(places)(
  'kernels on $isa, $tier',
  async (place) => {
    const files = readdirSync(kernels);
    let [compared, inside] = [0, 0];
    for (const file of files) {
      const visited = visit(await loadModule(join(kernels, file)), place, 'run', []);
      compared += visited.compared;
      inside += visited.inside;
    }
    expect([compared > positions * files.length, inside > (positions * files.length) / 4]).toEqual([true, true]);
  },
  600_000,
);

it.each(places)(
  'random modules on $isa, $tier',
  (place) => {
    const features = parseFeatures('full');
    for (let at = seed; at < seed + modules; at++) {
      const { bytes, calls } = caseOfSeed('own', at, features)!;
      const loaded = decodeInput(`seed ${at}`, bytes);
      const [call] = calls;
      if (loaded.module.imports.length === 0 && call !== undefined) visit(loaded, place, call.function, call.args);
    }
  },
  600_000,
);
