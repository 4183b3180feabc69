import { crc32 } from 'node:zlib';
import { isNaNValue, parseValue, Trap, type FunctionType, type Value, type ValueType } from '@fireball/wasm';
import { InvalidInputError, UsageError } from '@fireball/contracts';
import { boundaryValues } from '../boundary-values.js';
import { Random } from '../random.js';
import type { AnswerKind, FunctionAnswer, ImportPolicy, Word } from './policy.js';

/** Gives what the next call of a function of the host answers, or throws a `Trap`. */
type Answers = () => readonly Value[];

/** External references that functions hand out, always the same few: engines number them for ever. */
const handles = Array.from({ length: 8 }, (_, index) => Object.freeze({ handle: index }));

/** The answers of the import with this name, `module.name`. */
export function answersOf(policy: ImportPolicy, name: string, type: FunctionType): Answers {
  const named = namedAnswers(policy, name);
  return named === undefined ? otherAnswers[policy.others](policy.seed, name, type) : listed(policy, name, type, named);
}

/** What a file says of an import. */
export function namedAnswers({ named }: ImportPolicy, name: string): Word | readonly FunctionAnswer[] | undefined {
  return named !== undefined && Object.hasOwn(named, name) ? named[name] : undefined;
}

const otherAnswers: Readonly<Record<AnswerKind, (seed: number, name: string, type: FunctionType) => Answers>> = {
  seeded(seed, name, { results }) {
    // Of its own for each name: how often others are called changes nothing.
    const random = new Random((seed ^ crc32(name)) >>> 0);
    return () => results.map((type) => seededValue(type, random));
  },
  zero: (_seed, _name, { results }) => {
    const answer = results.map(zero);
    return () => answer;
  },
  trap: () => endCall,
};

function endCall(): never {
  throw new Trap('ended by the host');
}

/** 0, or null. */
export function zero(type: ValueType): Value {
  if (type === 'i64' || type === 'f64') return { type, value: 0n };
  if (type === 'i32' || type === 'f32') return { type, value: 0 };
  return { type, value: null };
}

/**
 * Mostly what hosts answer: 0, small numbers, -1 of errors; now and then anything. No NaN: what V8 makes of its payload
 * differs from the deterministic profile.
 */
function seededValue(type: ValueType, random: Random): Value {
  if (type === 'funcref') return zero(type);
  if (type === 'externref') return { type, value: random.chance(50) ? null : random.pick(handles) };
  const small = (value: number): Value => parseValue(type, String(value));
  const make = random.weighted<() => Value>([
    [8, () => zero(type)],
    [6, () => small(random.between(1, 255))],
    [2, () => small(-1)],
    [2, () => random.pick(boundaryValues(type).filter((value) => !isNaNValue(value)))],
    [2, () => small(random.between(256, 65_536))],
  ]);
  return make();
}

/** Successive answers of a file; the last one goes on for ever. */
function listed(policy: ImportPolicy, name: string, type: FunctionType, given: Word | readonly FunctionAnswer[]): Answers {
  if (!Array.isArray(given)) throw wrong(policy, `"${name}" is a function: a list of answers is wanted, such as [0, 1]`);
  const answers = (given as readonly FunctionAnswer[]).map((answer) => (answer === 'trap' ? answer : valuesOf(policy, name, type, answer)));
  let next = 0;
  return () => {
    const answer = answers[Math.min(next, answers.length - 1)]!;
    next++;
    return answer === 'trap' ? endCall() : answer;
  };
}

function valuesOf(policy: ImportPolicy, name: string, { results }: FunctionType, answer: Word | readonly Word[]): readonly Value[] {
  const words: readonly Word[] = isList(answer) ? answer : results.length === 0 && answer === null ? [] : [answer];
  if (words.length !== results.length) {
    throw wrong(policy, `"${name}" has ${results.length} result(s)${results.length === 0 ? '' : ` (${results.join(' ')})`}, its answer ${words.length}`);
  }
  return results.map((type, index) => valueOf(policy, name, type, words[index]!));
}

function isList(answer: Word | readonly Word[]): answer is readonly Word[] {
  return Array.isArray(answer);
}

/** A value that a file gives. */
export function valueOf(policy: ImportPolicy, name: string, type: ValueType, word: Word): Value {
  try {
    return parseValue(type, String(word));
  } catch (error) {
    if (error instanceof UsageError) throw wrong(policy, `"${name}": ${error.message}`);
    throw error;
  }
}

function wrong({ file }: ImportPolicy, problem: string): InvalidInputError {
  return new InvalidInputError(problem, { file });
}
