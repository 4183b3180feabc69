// Instructions of Arm's M-profile that the library executes otherwise than the processor's configuration asks for.
#pragma once
#include <array>

#include "engine.h"

namespace unicornjs {

// What the code hook has to do for instructions whose first halfword has these upper eight bits.
constexpr uint8_t kGroupChecked = 1;
constexpr uint8_t kGroupIt = 2;
using InstructionGroups = std::array<uint8_t, 256>;

// With these checks (a sum of `Check`) made.
InstructionGroups GroupsWith(uint32_t checks);

// With these checks: may `CheckInstruction` do anything at all, whatever the registers hold?
bool MayBeChecked(Engine* engine, uint32_t checks, uint64_t address, uint16_t halfword);

// Of the instruction at `address`, about to be executed: the trap at which the run is to stop, or 0. Notes SEV, and asks
// for a stop behind what may unmask interrupts.
uint32_t CheckInstruction(Engine* engine, RunState& run, uint64_t address, uint16_t halfword);

}  // namespace unicornjs
