/** The two words of an i64 on the operand stack. */
import type { Pair } from '../target/registers.js';
import type { Context } from './context.js';
import type { Entry } from './operands.js';
import type { Held } from './temporaries.js';

/** Two words of the stack: low below high. */
export interface PairEntry {
  readonly low: Entry;
  readonly high: Entry;
}

export interface HeldPair extends Pair {
  readonly held: readonly [Held, Held];
}

export function popPair(context: Context): PairEntry {
  const high = context.state.pop();
  const low = context.state.pop();
  return { low, high };
}

export function holdPair(context: Context, pair: PairEntry): HeldPair {
  const low = context.state.hold(pair.low);
  const high = context.state.hold(pair.high);
  return { low: low.reg, high: high.reg, held: [low, high] };
}

/** Both words are constants. */
interface ConstantPair {
  readonly low: Entry & { readonly kind: 'const' };
  readonly high: Entry & { readonly kind: 'const' };
}

export function isConstant(pair: PairEntry): pair is ConstantPair {
  return pair.low.kind === 'const' && pair.high.kind === 'const';
}

export function valueOf({ low, high }: ConstantPair): bigint {
  return (BigInt(high.value) << 32n) | BigInt(low.value >>> 0);
}
