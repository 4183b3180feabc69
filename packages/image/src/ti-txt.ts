/** TI-TXT. Source: Texas Instruments, MSP430 Programming With the JTAG Interface (SLAU320), appendix "TI-TXT file format". */
import { InvalidInputError } from '@fireball/contracts';
import { Chunks } from './chunks.js';
import type { FirmwareImage } from './firmware.js';
import { hexBytes, textLines } from './text-lines.js';

/**
 * @throws InvalidInputError with the line, for bytes before the first address, wrong digits, or a missing end
 */
export function readTiTxt(bytes: Uint8Array): FirmwareImage {
  const chunks = new Chunks();
  let address: number | undefined;
  let ended = false;
  for (const line of textLines(bytes)) {
    if (ended) throw new InvalidInputError("a line behind the end, 'q'", line);
    if (/^q$/i.test(line.text)) {
      ended = true;
    } else if (line.text.startsWith('@')) {
      const digits = line.text.slice(1).trim();
      if (!/^[0-9a-fA-F]{1,8}$/.test(digits)) throw new InvalidInputError(`'${line.text}' is no address of 1 to 8 hexadecimal digits`, line);
      address = parseInt(digits, 16);
    } else {
      if (address === undefined) throw new InvalidInputError("bytes before the first address line, '@ADDRESS'", line);
      const parts = line.text.split(/\s+/);
      const wrong = parts.find((part) => part.length !== 2);
      if (wrong !== undefined) throw new InvalidInputError(`'${wrong}' is no byte of two hexadecimal digits`, line);
      const data = hexBytes(parts.join(''), line);
      chunks.add(address, data, line);
      address += data.length;
    }
  }
  if (!ended) throw new InvalidInputError("the end, 'q', is missing: the file is truncated", { offset: bytes.length });
  return { format: 'ti-txt', segments: chunks.segments(), entry: undefined, machine: undefined, bits: undefined, symbols: [], debug: undefined, remarks: [] };
}
