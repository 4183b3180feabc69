import { hex } from '@fireball/contracts';
import { describeWords, sameWords, type Heap, type ValueDifference, type Words } from '@fireball/debugger';
import type { Vsoc, VsocInstance } from '@fireball/vsoc';
import type { Instance } from '@fireball/wasm';

/** More differing places than this are counted, not shown. */
const shownAtMost = 4;

const tableElementCost = 1000;

const isWide = (type: string): boolean => type === 'i64' || type === 'f64';

/** Compares what outlives a call: memories, globals, tables. */
export class HeapComparison implements Heap {
  constructor(
    private readonly reference: Instance,
    private readonly vsoc: Vsoc,
    private readonly native: VsocInstance,
  ) {}

  /** What a comparison costs, as the number of memory bytes that are compared in the same time. */
  get cost(): number {
    const { memories, tables } = this.reference;
    const bytes = memories.reduce((sum, memory) => sum + memory.byteLength, 0);
    return tables.reduce((sum, table) => sum + tableElementCost * table.size, bytes);
  }

  /** The native word of a reference that the interpreter has as this number: a slot's address, or an external value's handle. */
  referenceWord(number: number): number {
    const callee = this.reference.store.codec.functions.itemOf(number);
    const index = callee === null ? -1 : this.reference.functions.indexOf(callee);
    return this.native.functions[index]?.slot ?? number;
  }

  differences(): ValueDifference[] {
    return [...this.memories(), ...this.globals(), ...this.tables()];
  }

  private memories(): ValueDifference[] {
    return this.reference.memories.flatMap((memory, index) => {
      const expected = memory.bytes;
      const actual = this.native.memory(index);
      const place = hex(this.native.memories[index]?.base ?? 0);
      if (expected.length !== actual.length) {
        const size = (bytes: Uint8Array): string => `${bytes.length} bytes`;
        return [
          { kind: 'memory' as const, what: `size of memory ${index}`, index, address: null, place: null, expected: size(expected), actual: size(actual) },
        ];
      }
      if (Buffer.compare(expected, actual) === 0) return [];
      const found: ValueDifference[] = [];
      for (let address = 0; address < expected.length && found.length < shownAtMost; address++) {
        if (expected[address] === actual[address]) continue;
        found.push({
          kind: 'memory',
          what: `memory ${index} at ${hex(address, 1)}`,
          index,
          address,
          place: `${place} + ${hex(address, 1)}`,
          expected: hex(expected[address] ?? 0, 2),
          actual: hex(actual[address] ?? 0, 2),
        });
      }
      return found;
    });
  }

  private globals(): ValueDifference[] {
    return this.reference.globals.flatMap((global, index) => {
      const cell = this.native.globals[index]?.cell ?? 0;
      const [low = 0, high = 0] = global.words;
      const wide = isWide(global.type.type);
      const expected: Words = wide ? [low, high] : [global.type.type === 'funcref' ? this.referenceWord(low) : low];
      const actual = expected.map((_, word) => this.vsoc.dataMemory.readWord(cell + 4 * word));
      if (sameWords(expected, actual)) return [];
      return [
        {
          kind: 'global' as const,
          what: `global ${index}`,
          index,
          address: null,
          place: `[${hex(cell)}]`,
          expected: describeWords(expected),
          actual: describeWords(actual),
        },
      ];
    });
  }

  private tables(): ValueDifference[] {
    return this.reference.tables.flatMap((table, index) => {
      const native = this.native.tables[index];
      if (native === undefined) return [];
      const size = this.vsoc.dataMemory.readWord(native.record) >>> 0;
      const difference = (what: string, address: number | null, expected: string, actual: string): ValueDifference => ({
        kind: 'table',
        what,
        index,
        address,
        place: null,
        expected,
        actual,
      });
      if (size !== table.size) return [difference(`size of table ${index}`, null, String(table.size), String(size))];
      const found: ValueDifference[] = [];
      for (let element = 0; element < size && found.length < shownAtMost; element++) {
        const number = table.get(element);
        const expected = table.type.element === 'funcref' ? this.referenceWord(number) : number;
        const actual = this.vsoc.dataMemory.readWord(native.elements + 4 * element);
        if ((expected | 0) === actual) continue;
        found.push(difference(`table ${index} element ${element}`, element, hex(expected), hex(actual)));
      }
      return found;
    });
  }
}
