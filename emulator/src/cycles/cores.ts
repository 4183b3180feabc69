import type { Isa } from '@fireball/contracts';
import type { Work } from './instruction.js';
import type { PredictorSizes } from './predictor.js';

/** Cycles until the next instruction may begin: `each` counts for every register of a load or store of several. */
export interface Occupancy {
  readonly base: number;
  readonly each?: number;
}

/** What the estimate knows of a core. Everything not named takes one cycle. */
export interface CycleCore {
  readonly name: string;
  readonly isa: Isa;
  /** Where the numbers come from, and what is an assumption. */
  readonly source: string;
  readonly occupancy: Partial<Readonly<Record<Work, Occupancy>>>;
  /** Cycles from the beginning of an instruction until its result can be read (`Instruction.reads`); 1 unless told otherwise. */
  readonly latency: Partial<Readonly<Record<Work, number>>>;
  /** A load behind a load takes one cycle less, unless it needs the first one's result for its address. */
  readonly pairsLoads: boolean;
  /** Cycles that a badly predicted branch costs; without a predictor, every taken one. */
  readonly refill: number;
  /** The same where the target comes from memory; as `refill` unless told otherwise. */
  readonly refillFromMemory?: number;
  readonly predictor: PredictorSizes | null;
}

/** The cores whose cycles are estimated, each by its manual. */
export const cycleCores = {
  /**
   * Arm Cortex-M4 Technical Reference Manual r0p1 (100166), section 3.3.1: P of a taken branch is 1 to 3 and depends on alignment,
   * width and early speculation; SDIV and UDIV take 2 to 12. Section 3.3.2, "Load/store timings": loads are pipelined with loads; STR takes one cycle with an
   * immediate offset; LDR to PC takes two for the load and three for the reload, TBB and TBH one more for the addition. A cycle that it adds for an address that the
   * instruction before has computed is left out: what data processing writes is not decoded.
   */
  'cortex-m4': {
    name: 'Cortex-M4',
    isa: 'thumb2',
    source:
      'Cortex-M4 Technical Reference Manual r0p1, sections 3.3.1 (table of instructions) and 3.3.2 (load/store timings): a taken branch is 1 + P cycles, P = 2 here, the middle of 1 to 3, and 3 where the target is loaded, as 3.3.2 says; a division 7, the middle of 2 to 12; a load 2, or 1 behind another one; a store 1; a load or store of N registers 1 + N. Not counted: the cycle that an address costs which the instruction before has computed. No predictor: **every taken branch counts as badly predicted**, as it refills the pipeline.',
    occupancy: {
      load: { base: 2 },
      narrowLoad: { base: 2 },
      loadMultiple: { base: 1, each: 1 },
      storeMultiple: { base: 1, each: 1 },
      divide: { base: 7 },
      floatDivide: { base: 14 },
      tableBranch: { base: 3 },
    },
    latency: {},
    pairsLoads: true,
    refill: 2,
    refillFromMemory: 3,
    predictor: null,
  },
  /**
   * Arm publishes neither cycles nor sizes of the predictor of the Cortex-M7. Latencies and the cost of a badly predicted branch are
   * those of LLVM's ARMScheduleM7.td (`MispredictPenalty`: "Mispredict cost for forward branches is 6"); the predictor is an assumption.
   */
  'cortex-m7': {
    name: 'Cortex-M7',
    isa: 'thumb2',
    source:
      "Arm publishes no cycle table and no predictor sizes. Latencies and 6 cycles for a badly predicted branch are those of LLVM's ARMScheduleM7.td (division 7, a loaded word or byte in an address 2 or 3). **The predictor is assumed**: 64 branch targets, 512 counters of 2 bits without history, 4 return addresses. One instruction a cycle, although the core can issue two.",
    occupancy: { loadMultiple: { base: 0, each: 1 }, storeMultiple: { base: 0, each: 1 }, divide: { base: 7 }, floatDivide: { base: 16 } },
    latency: { load: 2, narrowLoad: 3 },
    pairsLoads: false,
    refill: 6,
    predictor: { targets: 64, counters: 512, counterBits: 2, historyLength: 0, historyBits: 0, returns: 4 },
  },
  /**
   * SiFive E31 Manual, chapter 3, "Instruction Fetch Unit": 28-entry BTB, 512-entry BHT, 6-entry RAS, three cycles for badly predicted control flow. Latencies are
   * those of the same pipeline in the FE310-G000 Manual, section 3.3 (whose predictor has 40, 128 and 2 entries). How the BHT is used is that of Rocket Chip's BTB.scala,
   * whose defaults are the E31's sizes: counters of one bit, 3 bits hashed from a history of 8.
   */
  'sifive-e31': {
    name: 'SiFive E31',
    isa: 'rv32',
    source:
      "SiFive E31 Manual, chapter 3: 28 branch targets, 512 entries of branch history, 6 return addresses, 3 cycles for a badly predicted branch. FE310-G000 Manual, section 3.3, for the latencies of that pipeline: a loaded word is usable after 2 cycles, a byte or halfword after 3, a product after 5, a quotient after 17 (of 2 to 33). How history is used is that of Rocket Chip's BTB.scala, which has the same sizes: counters of one bit, 3 bits hashed from the last 8 outcomes.",
    occupancy: {},
    latency: { load: 2, narrowLoad: 3, multiply: 5, divide: 17 },
    pairsLoads: false,
    refill: 3,
    predictor: { targets: 28, counters: 512, counterBits: 1, historyLength: 8, historyBits: 3, returns: 6 },
  },
} as const satisfies Readonly<Record<string, CycleCore>>;
