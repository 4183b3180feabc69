import type { Device, DeviceClass } from '../../machine/device.js';

/** Commands of the Intel command set (JEDEC JEP137, command set 0001h; Intel StrataFlash J3 data sheet, 4.0). */
const command = {
  readArray: 0xff,
  readId: 0x90,
  query: 0x98,
  readStatus: 0x70,
  clearStatus: 0x50,
  program: 0x40,
  program2: 0x10,
  erase: 0x20,
  confirm: 0xd0,
  buffered: 0xe8,
  lock: 0x60,
} as const;
const ready = 0x80;
const sequenceError = 0x30;
/** Bytes of both chips, and of a sector of both. */
const flashBytes = 0x200_0000;
const sectorBytes = 0x4_0000;
/** Words in the buffer of a buffered program. */
const bufferWords = 0x200;

type Mode = 'array' | 'id' | 'query' | 'status' | 'program' | 'erase' | 'lock' | 'count' | 'data' | 'confirm';

/**
 * NOR flash of two 16-bit chips side by side, as virtual boards have it: 32-bit accesses carry a command to each. It cannot be executed from
 * here; programs are copied out of it.
 */
export const cfiFlash: DeviceClass = {
  name: 'cfi-flash',
  summary: 'parallel NOR flash with the common flash interface, Intel command set, two chips of 16 bits (JEDEC JESD68.01, JEP137)',
  size: flashBytes,
  deviceTree: { node: 'flash', compatible: ['cfi-flash'], properties: { 'bank-width': [4] } },
  create(): Device {
    const size = flashBytes;
    // By ones for bits that are clear: erased flash is memory that the host does not need yet.
    const cleared = new Uint8Array(size);
    const state = { mode: 'array' as Mode, status: ready, count: 0 };
    const query = cfiTable(size);

    /** Both chips answer with the same. */
    const twice = (value: number, offset: number, width: number): number => {
      const word = (value | (value << 16)) >>> 0;
      const shifted = word >>> (8 * (offset & 3));
      return width >= 4 ? word : shifted & (2 ** (8 * width) - 1);
    };
    const array = (offset: number, width: number): number => {
      let value = 0;
      for (let byte = 0; byte < width; byte++) value += (0xff ^ (cleared[offset + byte] ?? 0)) * 2 ** (8 * byte);
      return value;
    };
    const program = (offset: number, width: number, value: number): void => {
      // Programming clears bits; only erasing sets them.
      for (let byte = 0; byte < width; byte++) cleared[offset + byte] = (cleared[offset + byte] ?? 0) | ~(value >>> (8 * byte));
    };

    /** The next cycles of a command that has several; false: this is a new command. */
    const goOn = (offset: number, width: number, value: number): boolean => {
      const low = value & 0xff;
      switch (state.mode) {
        case 'program':
          program(offset, width, value);
          state.mode = 'status';
          return true;
        case 'erase':
          if (low === command.confirm) cleared.fill(0, offset - (offset % sectorBytes), offset - (offset % sectorBytes) + sectorBytes);
          else state.status |= sequenceError;
          state.mode = 'status';
          return true;
        case 'lock':
          state.mode = 'status';
          return true;
        case 'count':
          state.count = (value & 0xffff) + 1;
          if (state.count > bufferWords) state.status |= sequenceError;
          state.mode = state.count > bufferWords ? 'status' : 'data';
          return true;
        case 'data':
          program(offset, width, value);
          if (--state.count === 0) state.mode = 'confirm';
          return true;
        case 'confirm':
          if (low !== command.confirm) state.status |= sequenceError;
          state.mode = 'status';
          return true;
        default:
          return false;
      }
    };

    const begin = (value: number): void => {
      switch (value & 0xff) {
        case command.readArray:
          state.mode = 'array';
          return;
        case command.readId:
          state.mode = 'id';
          return;
        case command.query:
          state.mode = 'query';
          return;
        case command.readStatus:
          state.mode = 'status';
          return;
        case command.clearStatus:
          state.status = ready;
          state.mode = 'array';
          return;
        case command.program:
        case command.program2:
          state.mode = 'program';
          return;
        case command.erase:
          state.mode = 'erase';
          return;
        case command.buffered:
          state.mode = 'count';
          return;
        case command.lock:
          state.mode = 'lock';
          return;
        default:
          // What probing for other command sets writes (AMD's unlock cycles) is nothing here.
          state.mode = 'array';
      }
    };

    return {
      state,
      storage: cleared,
      reset: () => {
        state.mode = 'array';
        state.status = ready;
        state.count = 0;
      },
      read: (offset, width) => {
        if (state.mode === 'array') return array(offset, width);
        if (state.mode === 'query') return twice(query[(offset >> 2) & 0xff] ?? 0, offset, width);
        // Manufacturer Intel, device 28F640J3.
        if (state.mode === 'id') return twice([0x89, 0x17][(offset >> 2) & 0xff] ?? 0, offset, width);
        return twice(state.status, offset, width);
      },
      write: (offset, width, value) => {
        if (!goOn(offset, width, value)) begin(value);
      },
    };
  },
};

/** The query structure, by word address (JESD68.01, table 2). */
function cfiTable(size: number): Readonly<Record<number, number>> {
  const sectors = size / sectorBytes;
  const log2 = Math.log2(size / 2);
  const table: Record<number, number> = {};
  const put = (at: number, ...values: number[]): void => {
    values.forEach((value, index) => (table[at + index] = value));
  };
  put(0x10, 0x51, 0x52, 0x59, 0x01, 0x00, 0x31, 0x00, 0, 0, 0, 0);
  // Voltages, typical and longest times as powers of two.
  put(0x1b, 0x45, 0x55, 0x00, 0x00, 0x07, 0x07, 0x0a, 0x00, 0x04, 0x04, 0x04, 0x00);
  // Size of a chip, x16, bytes of a buffered program, one erase region.
  put(0x27, log2, 0x02, 0x00, Math.log2(bufferWords * 2), 0x00, 0x01);
  put(0x2d, (sectors - 1) & 0xff, (sectors - 1) >> 8, (sectorBytes / 2 / 256) & 0xff, sectorBytes / 2 / 256 / 256);
  put(0x31, 0x50, 0x52, 0x49, 0x31, 0x30);
  return table;
}
