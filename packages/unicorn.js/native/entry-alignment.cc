// Encodings: Armv7-M ARM (DDI0403), A5 and A7.
#include "entry-alignment.h"

#include "aligned-access.h"
#include "counting.h"

namespace unicornjs {
namespace {

constexpr int kR13 = 13;
constexpr int kR15 = 15;

int Low(uint16_t halfword, int shift) { return halfword >> shift & 7; }
int Field(uint16_t halfword, int shift) { return halfword >> shift & 15; }

// A5.3.2: of an immediate that is rotated by less than 31 no bit comes to lie below bit 2, and one that is repeated counts as what is in its lowest byte.
uint32_t LowBitsOfModified(uint16_t first, uint16_t second) {
  const int rotation = (first >> 10 & 1) << 4 | (second >> 12 & 7) << 1 | (second >> 7 & 1);
  const uint32_t byte = second & 0xFF;
  if (rotation >= 8) return rotation < 31 ? 0 : 2 * (byte | 0x80);
  return (rotation >> 1) == 2 ? 0 : byte;
}

}  // namespace

bool Alignment::HoldsFor(const uint32_t* registers) const {
  uint32_t bits = 0;
  for (unsigned rest = words; rest != 0; rest &= rest - 1) bits |= registers[__builtin_ctz(rest)];
  uint32_t lowest = 0;
  for (unsigned rest = halves; rest != 0; rest &= rest - 1) lowest |= registers[__builtin_ctz(rest)];
  return (bits & 3) == 0 && (lowest & 1) == 0;
}

EntryAlignment::EntryAlignment(AlignedAccesses accesses) : accesses_(accesses) {
  for (int number = 0; number < 16; number++) origins_[number] = static_cast<int8_t>(number);
  // Nothing else can be in them.
  origins_[kR13] = origins_[kR15] = kAligned;
}

bool EntryAlignment::Add(uint16_t first, uint16_t second, bool conditional) {
  if (!NeedsOf(first, second)) return false;
  conditional_ = conditional;
  if (IsWide(first)) {
    ExecuteWide(first, second);
  } else {
    ExecuteNarrow(first);
  }
  return true;
}

bool EntryAlignment::Need(int number, unsigned size) {
  const int8_t origin = origins_[number];
  if (origin == kAnything) return false;
  if (origin != kAligned) (size == 4 ? needed_.words : needed_.halves) |= 1 << origin;
  return true;
}

// False where the instruction accesses memory at what is not known to follow from the beginning.
bool EntryAlignment::NeedsOf(uint16_t first, uint16_t second) {
  const AlignedAccess access = AccessOf(first, second);
  if (access.size == 1 || !(access.multiple ? accesses_.multiples : accesses_.singles)) return true;
  if ((access.offset & (access.size - 1)) != 0 || !Need(access.base, access.size)) return false;
  return access.index < 0 || (1u << access.shift) >= access.size || Need(access.index, access.size);
}

void EntryAlignment::Write(int number, int8_t origin) {
  if (number != kR13 && number != kR15) origins_[number] = conditional_ && origin != origins_[number] ? kAnything : origin;
}

void EntryAlignment::WriteAll(unsigned list) {
  for (; list != 0; list &= list - 1) Write(__builtin_ctz(list), kAnything);
}

void EntryAlignment::WriteSum(int number, int from, uint32_t addend) { Write(number, (addend & 3) == 0 ? origins_[from] : kAnything); }

void EntryAlignment::ExecuteNarrow(uint16_t first) {
  const int low = Low(first, 0);
  const int middle = Low(first, 8);
  // The groups of A5.2 by their upper five bits.
  switch (first >> 11) {
    case 3:
      // ADDS, SUBS with a number of three bits, or of registers.
      return (first & 0x400) != 0 ? WriteSum(low, Low(first, 3), Low(first, 6)) : Write(low, kAnything);
    case 4:
      return Write(middle, (first & 3) == 0 ? kAligned : kAnything);
    case 6:
    case 7:
      return WriteSum(middle, middle, first & 0xFF);
    case 8: {
      if ((first & 0x400) == 0) return Write(low, kAnything);
      // ADD and MOV of any register; CMP and branches write none.
      const int to = low | (first >> 4 & 8);
      if ((first & 0x300) == 0) return Write(to, kAnything);
      return (first & 0x300) == 0x200 ? Write(to, origins_[Field(first, 3)]) : void();
    }
    case 9:
    case 19:
      return Write(middle, kAnything);
    case 10:
    case 11:
      // Stores come first.
      return (first & 0xE00) >= 0x600 ? Write(low, kAnything) : void();
    case 20:
    case 21:
      // ADR, and ADD of SP, with a number of words.
      return Write(middle, kAligned);
    case 23:
      if ((first & 0xFE00) != 0xBC00) return Write(low, kAnything);
      return WriteAll(first & 0xFF);
    case 25:
      return WriteAll(first & 0xFF);
    case 5:
    case 12:
    case 14:
    case 16:
    case 18:
    case 24:
      // CMP, and stores; STM and LDM change their base by words.
      return;
    default:
      // Shifts, loads, extensions; or an instruction that writes none of these registers.
      return Write(low, kAnything);
  }
}

void EntryAlignment::ExecuteWide(uint16_t first, uint16_t second) {
  const int base = Field(first, 0);
  const int upper = Field(second, 12);
  const int middle = Field(second, 8);
  // LDM, STM: the base changes by words.
  if ((first & 0xFE40) == 0xE800) return (first & 0x10) != 0 ? WriteAll(second) : void();
  // LDRD and STRD, which change the base by words; not exclusive accesses and table branches.
  if ((first & 0xFE40) == 0xE840 && (first & 0x120) != 0) {
    if ((first & 0x10) != 0) Write(upper, kAnything), Write(middle, kAnything);
    return;
  }
  if (IsFloatAccess(first)) return;
  // ADD, SUB with a number: a modified one, or one of twelve bits.
  const int operation = first & 0xFBE0;
  if ((second & 0x8000) == 0 && (operation == 0xF100 || operation == 0xF1A0)) return WriteSum(middle, base, LowBitsOfModified(first, second));
  if ((second & 0x8000) == 0 && (operation == 0xF200 || operation == 0xF2A0)) return WriteSum(middle, base, second & 0xFF);
  // Other data processing, and multiplications.
  const int kind = first >> 8;
  if (kind == 0xEA || kind == 0xEB || kind == 0xFA || ((first & 0xF800) == 0xF000 && (second & 0x8000) == 0)) {
    // MOV.W without a shift.
    const bool moves = (first & 0xFFEF) == 0xEA4F && (second & 0x70F0) == 0;
    return Write(middle, moves ? origins_[Field(second, 0)] : kAnything);
  }
  if (kind == 0xFB) return Write(upper, kAnything), Write(middle, kAnything);
  // Loads and stores of one register: indexed before or behind, the base changes by the number.
  if ((first & 0xFE00) == 0xF800) {
    const bool loads = (first & 0x10) != 0;
    const bool changes = (first & 0x80) == 0 && (second & 0x900) == 0x900;
    if (changes && base != kR15) WriteSum(base, base, second & 0xFF);
    if (loads) Write(upper, kAnything);
    return;
  }
  // Whatever it is, it writes none but registers that it names.
  for (int number : {base, upper, middle, Field(second, 0)}) Write(number, kAnything);
}

}  // namespace unicornjs
