// How runs count: what an instruction, and an IT block, does to the state of a run.
#pragma once
#include <cstdint>

#include "engine.h"

namespace unicornjs {

// Of Thumb, by the first halfword: has the instruction a second one?
inline bool IsWide(uint16_t halfword) { return (halfword & 0xF800) >= 0xE800; }
// 0 where there is no memory.
uint16_t HalfwordAt(Engine* engine, uint64_t address);

// Adds `weight` instructions of the unit that begins at `address`, or takes them back.
void Count(RunState& run, uint64_t address, int64_t weight);
// The instruction that was started last is done.
void Retire(RunState& run);
// So it is, and the one at `address` starts.
void Begin(RunState& run, uint64_t address);

// In bytes, of the conditional instructions that begin at `first` in `state`.
uint64_t ItBlockLength(Engine* engine, uint64_t first, uint8_t state);
// Begins a block whose first conditional instruction, in `state`, is at `first`: the library
// cannot stop inside one and does not report its condition-failed instructions, so all of it is
// counted at once, at `unit`.
void EnterItBlock(Engine* engine, RunState& run, uint64_t first, uint8_t state, uint64_t unit);

}  // namespace unicornjs
