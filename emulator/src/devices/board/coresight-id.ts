import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** The identification words of a chip's CoreSight ROM table (IHI 0029, D7.2), which start-up code reads to tell revisions apart. Everything else there reads 0. */
export const coresightId: DeviceClass = {
  name: 'coresight-id',
  summary: 'identification of a CoreSight ROM table (IHI 0029)',
  size: 0x1000,
  parameters: {
    part: { type: 'number', default: 1, summary: 'part number, 12 bits' },
    designer: { type: 'number', default: 0x244, summary: "the designer's JEP106 code, with the number of continuations in bits 11 to 8" },
    revision: { type: 'number', default: 0, summary: 'revision, 4 bits' },
  },
  create(environment) {
    const [part, designer, revision] = ['part', 'designer', 'revision'].map((name) => environment.number(name)) as [number, number, number];
    const code = designer & 0x7f;
    const bytes = [
      (designer >>> 8) & 0xf,
      0,
      0,
      0,
      part & 0xff,
      ((code & 0xf) << 4) | ((part >>> 8) & 0xf),
      ((revision & 0xf) << 4) | 8 | (code >>> 4),
      0,
      0x0d,
      0x10,
      0x05,
      0xb1,
    ];
    return new RegisterBlock({
      registers: [{ name: 'ID', offset: 0xfd0, count: bytes.length, access: 'ro', steady: true, read: (_stored, index) => bytes[index] ?? 0 }],
    });
  },
};
