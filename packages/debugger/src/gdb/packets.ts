import { text } from './text.js';

// The GDB Remote Serial Protocol's framing (GDB manual, appendix E.1 "Overview").

/** Bytes of a packet's content that are taken; offered to the client as PacketSize. */
export const mostPacketBytes = 0x4000;

const start = 0x24; // $
const end = 0x23; // #
const escape = 0x7d; // }
const escapeBit = 0x20;
const interruptByte = 0x03;
const acknowledged = 0x2b; // +
const refused = 0x2d; // -

/** What comes from a client. */
export type Received =
  | { readonly kind: 'packet'; readonly content: Uint8Array }
  /** Its checksum is wrong, or it is too long: it has to be sent again. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'interrupt' | 'acknowledged' | 'refused' };

/** Cuts what a client sends into packets. Whatever comes, it holds one packet's bytes at most. */
export class PacketReader {
  #state: 'between' | 'content' | 'checksum' = 'between';
  #content: number[] = [];
  #sum = 0;
  #escaped = false;
  #checksum = '';
  #isTooLong = false;

  *read(bytes: Uint8Array): Generator<Received> {
    for (const byte of bytes) {
      const received = this.#take(byte);
      if (received !== undefined) yield received;
    }
  }

  #take(byte: number): Received | undefined {
    switch (this.#state) {
      case 'between':
        return this.#between(byte);
      case 'content':
        this.#inside(byte);
        return undefined;
      case 'checksum':
        this.#checksum += String.fromCharCode(byte);
        return this.#checksum.length < 2 ? undefined : this.#finish();
    }
  }

  /** Anything else between packets is noise. */
  #between(byte: number): Received | undefined {
    if (byte === start) this.#begin();
    else if (byte === interruptByte) return { kind: 'interrupt' };
    else if (byte === acknowledged) return { kind: 'acknowledged' };
    else if (byte === refused) return { kind: 'refused' };
    return undefined;
  }

  #begin(): void {
    this.#state = 'content';
    this.#content = [];
    this.#sum = 0;
    this.#escaped = false;
    this.#checksum = '';
    this.#isTooLong = false;
  }

  #inside(byte: number): void {
    if (byte === end) {
      this.#state = 'checksum';
      return;
    }
    // A client that lost its thread begins anew.
    if (byte === start) {
      this.#begin();
      return;
    }
    this.#sum = (this.#sum + byte) & 0xff;
    if (byte === escape && !this.#escaped) {
      this.#escaped = true;
      return;
    }
    if (this.#content.length >= mostPacketBytes) this.#isTooLong = true;
    else this.#content.push(this.#escaped ? byte ^ escapeBit : byte);
    this.#escaped = false;
  }

  #finish(): Received {
    this.#state = 'between';
    const isRight = /^[0-9a-f]{2}$/i.test(this.#checksum) && Number.parseInt(this.#checksum, 16) === this.#sum;
    return isRight && !this.#isTooLong ? { kind: 'packet', content: Uint8Array.from(this.#content) } : { kind: 'broken' };
  }
}

/** Bytes that mean something else in a packet; `*` would be a run length. */
const special: ReadonlySet<number> = new Set([start, end, escape, 0x2a]);

/** A packet as it is sent. */
export function packet(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? text.bytes(content) : content;
  const sent: number[] = [start];
  for (const byte of bytes) {
    if (special.has(byte)) sent.push(escape, byte ^ escapeBit);
    else sent.push(byte);
  }
  const sum = sent.reduce((total, byte) => total + byte, 0) - start;
  return Uint8Array.from([...sent, end, ...text.bytes((sum & 0xff).toString(16).padStart(2, '0'))]);
}
