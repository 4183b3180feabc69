import type { CodeView, DebugFunction } from '@fireball/contracts';

/** Column, from 0, where offsets stand. */
const offsetColumn = 44;

/** The functions of a module as one text, one instruction a line, each with its offset in the module. Lines count from 1. */
export interface ModuleListing {
  readonly text: string;
  /** Of the instruction at an offset. */
  lineOf(offset: number): number | undefined;
  /** Where a function begins, by its index. */
  lineOfFunction(index: number): number | undefined;
  /** Of the instruction on a line, or of the next one below; undefined behind the last. */
  offsetAt(line: number): number | undefined;
  /** Lines with instructions, ascending. */
  readonly lines: readonly number[];
}

export function listModule(view: CodeView): ModuleListing {
  const text: string[] = [];
  const offsets: { readonly line: number; readonly offset: number }[] = [];
  const functions = new Map<number, number>();
  // A function that is interpreted may have code too.
  const byIndex = new Map(view.functions.map((code) => [code.index, code]));
  for (const code of [...byIndex.values()].sort((a, b) => a.index - b.index)) {
    functions.set(code.index, text.push(headOf(code)));
    let depth = 1;
    for (const { offset, text: instruction } of code.wasm) {
      const [name = ''] = instruction.split(' ');
      if (name === 'end' || name === 'else') depth--;
      const line = `${'  '.repeat(Math.max(0, depth))}${instruction}`;
      text.push(`${line.padEnd(offsetColumn)} ;; ${offset.toString(16).padStart(6, '0')}`);
      offsets.push({ line: text.length, offset });
      if (name === 'block' || name === 'loop' || name === 'if' || name === 'else') depth++;
    }
    text.push('');
  }
  const lineByOffset = new Map(offsets.map(({ line, offset }) => [offset, line]));
  return {
    text: text.join('\n'),
    lineOf: (offset) => lineByOffset.get(offset),
    lineOfFunction: (index) => functions.get(index),
    offsetAt: (line) => offsets.find((entry) => entry.line >= line)?.offset,
    lines: offsets.map(({ line }) => line),
  };
}

function headOf(code: DebugFunction): string {
  const { index, name } = code;
  const locals = Array.from({ length: code.localCount }, (_, local) => code.localType(local));
  return `(func $${name.replaceAll(/[^\w!#$%&'*+./:<=>?@\\^`|~-]/g, '_')} (;${index};)${locals.length === 0 ? '' : ` ;; locals, parameters first: ${locals.join(' ')}`}`;
}
