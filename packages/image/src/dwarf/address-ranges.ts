/** `.debug_aranges` of the only unit. Source: DWARF Debugging Information Format, version 4, section 6.1.2. */
import { ByteWriter } from './byte-writer.js';
import type { CodeRange } from './location-lists.js';

const version = 2;
const addressBytes = 4;

/** Which addresses the unit has. Where nothing says that, gdb takes those of variables to be code of it, and complains that there is none. */
export function writeAddressRanges(ranges: readonly CodeRange[]): Uint8Array {
  const writer = new ByteWriter();
  writer.sized(() => {
    writer.u16(version);
    // Offset of the unit in .debug_info, size of an address, and no segments.
    writer.u32(0);
    writer.u8(addressBytes);
    writer.u8(0);
    writer.align(2 * addressBytes);
    for (const { begin, end } of ranges) {
      writer.u32(begin);
      writer.u32(end - begin);
    }
    writer.bytes(new Uint8Array(2 * addressBytes));
  });
  return writer.finish();
}
