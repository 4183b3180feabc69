#include "aligned-access.h"

namespace unicornjs {
namespace {

constexpr int kLiteral = 15;

AlignedAccess Several(int base) {
  AlignedAccess access;
  access.size = 4;
  access.multiple = true;
  access.base = base;
  return access;
}

AlignedAccess Single(unsigned size, int base) {
  AlignedAccess access;
  access.size = size;
  access.base = base;
  return access;
}

// One register, in 32 bits.
AlignedAccess WideSingle(uint16_t first, uint16_t second) {
  const int size = first >> 5 & 3;
  if (size != 1 && size != 2) return {};
  AlignedAccess access = Single(size == 2 ? 4 : 2, first & 15);
  const bool long_form = (first & 0x80) != 0;
  if (access.base == kLiteral) {
    access.offset = long_form ? second & 0xFFF : -(second & 0xFFF);
  } else if (long_form) {
    access.offset = second & 0xFFF;
  } else if ((second & 0x800) == 0) {
    access.index = second & 15;
    access.shift = second >> 4 & 3;
  } else if ((second & 0x400) != 0) {
    access.offset = (second & 0x200) != 0 ? second & 0xFF : -(second & 0xFF);
  }
  return access;
}

}  // namespace

AlignedAccess AccessOf(uint16_t first, uint16_t second) {
  const auto low = [=](int shift) { return first >> shift & 7; };
  switch (first >> 12) {
    case 0x5: {
      // STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH by register.
      constexpr unsigned kSizes[] = {4, 2, 1, 1, 4, 2, 1, 2};
      AlignedAccess access = Single(kSizes[first >> 9 & 7], low(3));
      access.index = low(6);
      return access;
    }
    case 0x6:
      return Single(4, low(3));
    case 0x8:
      return Single(2, low(3));
    case 0xC:
      return Several(low(8));
  }
  if ((first & 0xFE00) == 0xE800) {
    // LDM, STM, LDRD, STRD; not exclusive accesses and table branches.
    const bool several = (first & 0x40) == 0 || (first & 0x120) != 0;
    return several ? Several(first & 15) : AlignedAccess{};
  }
  if (IsFloatAccess(first) && (second & 0xE00) == 0xA00) return Several(first & 15);
  return (first & 0xFE00) == 0xF800 ? WideSingle(first, second) : AlignedAccess{};
}

}  // namespace unicornjs
