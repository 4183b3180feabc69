/** Reading Capstone's operand text: its `detail` is empty in the pinned package (hazard 20). */
import type { Reg } from './abi.js';
import { Forbidden } from './instruction.js';

/** Splits at commas that are not inside brackets or braces. */
export function splitOperands(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (char === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  if (part.trim() !== '') parts.push(part.trim());
  return parts;
}

/** `#-0x10`, `0x10`, `-4`. */
export function immediateOf(text: string | undefined): number | undefined {
  const match = /^#?(-?)(0x[0-9a-f]+|\d+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const value = Number(match[2]);
  return match[1] === '-' ? -value : value;
}

export function immediate(text: string | undefined): number {
  const value = immediateOf(text);
  if (value === undefined) throw new Forbidden(`unknown operand '${text ?? ''}'`);
  return value;
}

/** Finds registers by their printed names. */
export class RegisterNames {
  private readonly numbers = new Map<string, Reg>();

  constructor(names: readonly string[], aliases: Readonly<Record<string, Reg>> = {}) {
    names.forEach((name, index) => this.numbers.set(name, index));
    for (const [name, index] of Object.entries(aliases)) this.numbers.set(name, index);
  }

  find(text: string | undefined): Reg | undefined {
    return this.numbers.get(text ?? '');
  }

  get(text: string | undefined): Reg {
    const found = this.find(text);
    if (found === undefined) throw new Forbidden(`register '${text ?? ''}' is not one of ours`);
    return found;
  }
}
