import type { Value } from '@fireball/wasm';
import { valueDocument } from '../values.js';
import type { FuzzCall } from './generator/module.js';

/** The command that makes the calls of a saved case again, up to the one that failed, and explains what differs. */
export function replayCommand(file: string, engine: string, calls: readonly FuzzCall[], options: { readonly cpu?: string; readonly templates?: string }): string {
  const invoked = calls.flatMap(({ function: name, args }) => ['--invoke', quoted(args.length === 0 ? name : `${name}=${args.map(argumentText).join(',')}`)]);
  const cpu = options.cpu === undefined ? [] : ['--cpu', options.cpu];
  const templates = options.templates === undefined ? [] : ['--templates', quoted(options.templates)];
  return ['./fireball diff', quoted(file), '--engines', engine, ...cpu, ...templates, ...invoked, '--explain'].join(' ');
}

function argumentText(value: Value): string {
  const { value: text, bits } = valueDocument(value);
  return bits === undefined ? text : `bits:0x${bits}`;
}

function quoted(text: string): string {
  return /^[\w=,.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
