/** Text and hexadecimal digits of the protocol. Content is bytes: every character is one. */
export const text = {
  bytes: (characters: string): Uint8Array => Uint8Array.from(characters, (character) => character.charCodeAt(0)),
  of: (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''),
} as const;

export const hex = {
  of: (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex'),
  /** Undefined where these are no pairs of digits. */
  bytes: (digits: string): Uint8Array | undefined => (/^([0-9a-f]{2})*$/i.test(digits) ? Uint8Array.from(Buffer.from(digits, 'hex')) : undefined),
  ofText: (characters: string): string => Buffer.from(characters, 'utf8').toString('hex'),
} as const;

/** A number of the protocol: hexadecimal digits, at most 64 bits. Undefined for anything else, and where a double does not hold it. */
export function numberOf(digits: string): number | undefined {
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) return undefined;
  const value = Number.parseInt(digits, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Little-endian bytes of an unsigned number. */
export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
