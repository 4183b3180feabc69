// Accesses of Thumb code whose addresses the processor wants aligned, or may be configured to. Encodings: Armv7-M ARM (DDI0403), A5 and A7; alignment: A3.2.1.
#pragma once
#include <cstdint>

namespace unicornjs {

// Where an instruction accesses memory: base + offset + (index << shift), of registers by their numbers.
struct AlignedAccess {
  // What the address has to be a multiple of; 1: nothing has to be aligned.
  unsigned size = 1;
  // Of several words: always wanted aligned, and as aligned as its base.
  bool multiple = false;
  int base = 0;
  int32_t offset = 0;
  int index = -1;
  unsigned shift = 0;
};

// `second`: of an instruction of 32 bits.
AlignedAccess AccessOf(uint16_t first, uint16_t second);

// VLDR, VSTR, VLDM, VSTM; not VMOV of two registers.
inline bool IsFloatAccess(uint16_t first) { return (first & 0xFE00) == 0xEC00 && (first & 0xFFE0) != 0xEC40; }

}  // namespace unicornjs
