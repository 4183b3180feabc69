/** TI-TXT. Source: Texas Instruments, MSP430 Programming With the JTAG Interface (SLAU320), appendix "TI-TXT file format". */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { TextLines } from './text-lines.js';

/**
 * @throws InvalidInputError with the line, for bytes before the first address, wrong digits, or a missing end
 */
export function readTiTxt(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  let address: number | undefined;
  let ended = false;
  const lines = new TextLines(bytes);
  while (lines.next()) {
    const { text } = lines;
    if (ended) throw new InvalidInputError("a line behind the end, 'q'", lines.place);
    if (/^q$/i.test(text)) {
      ended = true;
    } else if (text.startsWith('@')) {
      const digits = text.slice(1).trim();
      if (!/^[0-9a-fA-F]{1,8}$/.test(digits)) throw new InvalidInputError(`'${text}' is no address of 1 to 8 hexadecimal digits`, lines.place);
      address = parseInt(digits, 16);
    } else {
      if (address === undefined) throw new InvalidInputError("bytes before the first address line, '@ADDRESS'", lines.place);
      for (const { 0: part, index } of text.matchAll(/\S+/g)) {
        if (part.length !== 2) throw new InvalidInputError(`'${part}' is no byte of two hexadecimal digits`, lines.place);
        lines.decode(index, index + 2);
        chunks.add(address, lines.decoded, 0, 1, lines);
        address++;
      }
    }
  }
  if (!ended) throw new InvalidInputError("the end, 'q', is missing: the file is truncated", { offset: bytes.length });
  return { format: 'ti-txt', segments: chunks.segments(), entry: undefined, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks: [] };
}
