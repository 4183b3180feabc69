// ITSTATE of Armv7-M (ARM, A7.3.3): bits 7:5 base condition, bits 4:0 the rest of the block.
#pragma once
#include <cstdint>

namespace unicornjs {

// Most conditional instructions of a block.
constexpr int kMostConditional = 4;

// State at the first conditional instruction behind an instruction that is an IT; 0 for any other
// instruction (A7.7.38: with an empty mask it is a hint).
inline uint8_t ItStateAfter(uint16_t halfword) {
  const bool is_it = (halfword & 0xFF00) == 0xBF00 && (halfword & 0xF) != 0;
  return is_it ? static_cast<uint8_t>(halfword) : 0;
}

// Conditional instructions still to come, the current one included: 0 to 4.
inline int ItRemaining(uint8_t state) {
  return (state & 0xF) == 0 ? 0 : 4 - __builtin_ctz(state & 0xF);
}

// State at the next instruction (A7.3.3, ITAdvance).
inline uint8_t ItAdvance(uint8_t state) {
  if ((state & 0x7) == 0) return 0;
  return static_cast<uint8_t>((state & 0xE0) | ((state << 1) & 0x1F));
}

// Does the condition of the instruction in this state hold? `flags`: N, Z, C and V in bits 31 to 28 (A7.3).
inline bool ItConditionPasses(uint8_t state, uint32_t flags) {
  const bool n = flags >> 31 & 1, z = flags >> 30 & 1, c = flags >> 29 & 1, v = flags >> 28 & 1;
  const int condition = state >> 4;
  const bool bases[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
  return condition >= 14 || bases[condition >> 1] != ((condition & 1) != 0);
}

// Where EPSR keeps ITSTATE: bits 26:25 are its bits 1:0, bits 15:10 its bits 7:2.
inline uint32_t EpsrOfItState(uint8_t state) {
  return (uint32_t{state} & 0x3) << 25 | (uint32_t{state} & 0xFC) << 8;
}
inline uint8_t ItStateOfEpsr(uint32_t epsr) {
  return static_cast<uint8_t>((epsr >> 25 & 0x3) | (epsr >> 8 & 0xFC));
}

}  // namespace unicornjs
