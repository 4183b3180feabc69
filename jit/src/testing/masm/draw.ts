/** Random choices of property tests. */
import { seededRandom } from '../../templates/index.js';

/** What some form takes just or just not. */
export const edges: readonly number[] = [
  1, -1, 5, 6, 7, 8, 30, 31, 32, 33, -31, -32, -33, 254, 255, 256, 257, -255, -256, 0x7ff, 0x800, -0x800, -0x801, 0xffe, 0xfff, 0x1000, -0xfff, -0x1000, 0xfffe,
  0xffff, 0x1_0000, 0x1_e000, 0x1_f000, 0x2_0000, 0x1_f01f, 0x1_f020, 0x00ab_00ab, 0x1234_5000, 0x1234_501f, 0x1234_5820,
];

/** Random choices. */
class Draw {
  constructor(private readonly random: () => number) {}

  /** From `least` to `most`. */
  between(least: number, most: number): number {
    return least + (this.random() % (most - least + 1));
  }

  /** One in so many times. */
  chance(of: number): boolean {
    return this.random() % of === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.random() % list.length]!;
  }

  /** A word with sign, often one that is near an edge of what instructions take. */
  word(): number {
    const bits = this.random() | 0;
    switch (this.random() % 10) {
      case 0:
        return 0;
      case 1:
        return bits;
      case 2:
        return bits >> 24;
      case 3:
        return bits & 0x1fff;
      case 4:
        return (1 << (bits & 31)) - (bits < 0 ? 1 : 0);
      case 5:
        return (bits & 0xff) << ((bits >>> 8) & 31);
      case 6:
        return ~((bits & 0xff) << ((bits >>> 8) & 31));
      default:
        return this.of(edges);
    }
  }
}

export function mixed(seed: number | string): Draw {
  return new Draw(seededRandom(String(seed)));
}
