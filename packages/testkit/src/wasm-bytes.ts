/** Unsigned LEB128 of five bytes, whatever the number (core spec 5.2.2). */
export function wideLeb(value: number): number[] {
  return [0, 7, 14, 21, 28].map((shift) => ((value >>> shift) & 0x7f) | (shift < 28 ? 0x80 : 0));
}

/** A section of a module (core spec 5.5.2). */
export function wasmSection(id: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(id, ...wideLeb(content.length)), content]);
}
