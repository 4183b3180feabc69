// Instructions of Arm's M-profile that the library executes otherwise than the processor's configuration asks for.
#pragma once
#include "engine.h"

namespace unicornjs {

// May an instruction with this first halfword be one of them? The code hook asks for each.
bool IsChecked(uint16_t halfword);

// Of the instruction at `address`, about to be executed: the trap at which the run is to stop, or 0. Notes SEV, and asks
// for a stop behind what may unmask interrupts.
uint32_t CheckInstruction(Engine* engine, RunState& run, uint64_t address, uint16_t halfword);

}  // namespace unicornjs
