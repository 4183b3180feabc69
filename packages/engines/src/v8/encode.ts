import { valueTypeEncodings, type FunctionType, type GlobalType, type ValueType } from '@fireball/wasm';

/** Unsigned LEB128. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** A vector: its length, then its elements. */
export function vector(elements: readonly (readonly number[])[]): number[] {
  return [...u32(elements.length), ...elements.flat()];
}

/** A UTF-8 name with its length. */
export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...u32(bytes.length), ...bytes];
}

/** A section: id, size, content. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...u32(content.length), ...content];
}

export function functionType(type: FunctionType): number[] {
  return [0x60, ...types(type.params), ...types(type.results)];
}

export function globalType(type: GlobalType): number[] {
  return [valueTypeEncodings[type.type], type.mutable ? 1 : 0];
}

function types(list: readonly ValueType[]): number[] {
  return vector(list.map((type) => [valueTypeEncodings[type]]));
}

export const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;
export const exportKinds = { function: 0, table: 1, memory: 2, global: 3 } as const;
