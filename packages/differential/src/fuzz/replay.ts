import type { EngineOptions } from '@fireball/engines';
import { valueDocument, type Value } from '@fireball/wasm';
import type { FuzzCall } from './generator/module.js';

type ReplayOptions = Partial<
  Pick<EngineOptions, 'cpu' | 'templates' | 'misaligned' | 'compiler' | 'sandbox' | 'hot' | 'budget' | 'workers' | 'worker' | 'compileCost' | 'inject'>
>;

/** The command that makes the calls of a saved case again, up to the one that failed, and explains what differs. */
export function replayCommand(file: string, engine: string, calls: readonly FuzzCall[], options: ReplayOptions): string {
  const invoked = calls.flatMap(({ function: name, args }) => ['--invoke', quoted(args.length === 0 ? name : `${name}=${args.map(argumentText).join(',')}`)]);
  const { cpu, templates, misaligned, compiler, sandbox, hot, budget, workers, worker, compileCost, inject = {} } = options;
  const injected = Object.entries(inject).map(([kind, count]) => `${kind}:${count}`);
  const named: readonly (readonly [option: string, value: string | undefined])[] = [
    ['--cpu', cpu],
    ['--templates', templates],
    ['--misaligned', misaligned === 'split' ? misaligned : undefined],
    ['--compiler', compiler === 'baseline' ? compiler : undefined],
    ['--hot', hot?.join(',')],
    ['--budget', budget?.toString()],
    ['--workers', workers?.toString()],
    ['--worker', worker],
    ['--compile-cost', compileCost?.toString()],
    ['--inject', injected.length === 0 ? undefined : injected.join(',')],
  ];
  const settings = named.flatMap(([option, value]) => (value === undefined ? [] : [option, quoted(value)]));
  return ['./fireball diff', quoted(file), '--engines', engine, ...settings, ...(sandbox === true ? ['--sandbox'] : []), ...invoked, '--explain'].join(' ');
}

function argumentText(value: Value): string {
  const { value: text, bits } = valueDocument(value);
  return bits === undefined ? text : `bits:0x${bits}`;
}

function quoted(text: string): string {
  return /^[\w=,.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
