// Encodings: Armv7-M ARM (DDI0403), A5 and A7.
#include "m-profile-checks.h"

#include "aligned-access.h"
#include "counting.h"

namespace unicornjs {
namespace {

uint32_t Register(Engine* engine, int number) {
  if (const uint32_t* registers = engine->ArmRegisters(); registers != nullptr && number <= 14) return registers[number];
  constexpr int kIds[] = {UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC};
  uint64_t value = 0;
  uc_reg_read(engine->uc(), number <= 12 ? UC_ARM_REG_R0 + number : kIds[number - 13], &value);
  return static_cast<uint32_t>(value);
}

uint16_t Second(Engine* engine, uint64_t address) {
  const uint8_t* host = engine->HostHalfword(address + 2);
  return host == nullptr ? 0 : static_cast<uint16_t>(host[0] | host[1] << 8);
}

bool IsMisaligned(Engine* engine, uint64_t address, uint16_t first) {
  const AlignedAccess access = AccessOf(first, IsWide(first) ? Second(engine, address) : 0);
  if (access.size == 1) return false;
  // SP and PC cannot be anything else.
  if (access.multiple) return access.base < 13 && (Register(engine, access.base) & 3) != 0;
  uint32_t at = access.base == 15 ? static_cast<uint32_t>((address + 4) & ~uint64_t{3}) : Register(engine, access.base);
  at += access.offset;
  if (access.index >= 0) at += Register(engine, access.index) << access.shift;
  return (at & (access.size - 1)) != 0;
}

bool ChangesMasks(Engine* engine, uint64_t address, uint16_t first) {
  if ((first & 0xFFE8) == 0xB660) return true;
  return (first & 0xFFF0) == 0xF380 && (Second(engine, address) & 0xD000) == 0x8000;
}

bool IsSev(Engine* engine, uint64_t address, uint16_t first) {
  return first == 0xBF40 || (first == 0xF3AF && Second(engine, address) == 0x8004);
}

bool DividesByZero(Engine* engine, uint64_t address, uint16_t first) {
  if ((first & 0xFFD0) != 0xFB90) return false;
  const uint16_t second = Second(engine, address);
  return (second & 0xF0) == 0xF0 && Register(engine, second & 15) == 0;
}

// Coprocessors 10 and 11 (A7.1). On Armv8-M also the encodings that have bit 12 of the first halfword set.
bool IsFloat(Engine* engine, uint64_t address, uint16_t first) {
  return (first & 0xEC00) == 0xEC00 && (Second(engine, address) & 0xE00) == 0xA00;
}

// CBZ, CBNZ; IT, which hints are not.
bool IsNarrowOfV7(uint16_t first) {
  return (first & 0xF500) == 0xB100 || ((first & 0xFF00) == 0xBF00 && (first & 0xF) != 0);
}

// Armv6-M ARM (DDI0419), A5.3.
bool IsWideOfV7(Engine* engine, uint64_t address, uint16_t first) {
  if (first < 0xE800) return false;
  const uint16_t second = Second(engine, address);
  const bool bl = (first & 0xF800) == 0xF000 && (second & 0xD000) == 0xD000;
  const bool msr = (first & 0xFFF0) == 0xF380 && (second & 0xFF00) == 0x8800;
  const bool mrs = first == 0xF3EF && (second & 0xF000) == 0x8000;
  const bool barrier = first == 0xF3BF && (second & 0xFFC0) == 0x8F40 && (second & 0x30) != 0x30;
  return !(bl || msr || mrs || barrier);
}

bool WritesControl(Engine* engine, uint64_t address, uint16_t first) {
  return (first & 0xFFF0) == 0xF380 && (Second(engine, address) & 0xFFFF) == 0x8814;
}

bool LeavesSecureState(uint16_t first) {
  // SG; BXNS and BLXNS.
  return first == 0xE97F || (first & 0xFF07) == 0x4704;
}

// CPS, hints, MSR and wide hints.
bool IsOfMasks(int group) { return group == 0xB6 || group == 0xF3 || group == 0xBF; }

// Loads and stores of several words.
bool IsOfMultiples(int group) { return (group >= 0xC0 && group <= 0xCF) || (group >= 0xE8 && group <= 0xED); }

// Through SP, which is always aligned: PUSH, POP and their wide forms, which are most of all loads and stores of several words.
bool IsStackMultiple(uint16_t first) { return first >= 0xE800 && (first & 15) == 13; }

}  // namespace

InstructionGroups GroupsWith(uint32_t checks) {
  InstructionGroups groups{};
  const auto add = [&](int first, int last) {
    for (int group = first; group <= last; group++) groups[group] |= kGroupChecked;
  };
  groups[0xBF] = kGroupIt;
  if (checks == 0) return groups;
  // CPS, hints, MSR and wide hints: SEV is always looked for.
  for (int group : {0xB6, 0xBF, 0xF3}) add(group, group);
  // BX; SG.
  if ((checks & kCheckSecurity) != 0) add(0x47, 0x47), add(0xE9, 0xE9);
  if ((checks & kCheckNarrow) != 0) {
    for (int group : {0xB1, 0xB3, 0xB9, 0xBB}) add(group, group);
  }
  if ((checks & kCheckWide) != 0) add(0xE8, 0xFF);
  if ((checks & kCheckFloats) != 0) add(0xEC, 0xEF), add(0xFC, 0xFF);
  if ((checks & kCheckDivision) != 0) add(0xFB, 0xFB);
  if ((checks & kCheckMultiple) != 0) add(0xC0, 0xCF), add(0xE8, 0xE9), add(0xEC, 0xED);
  // Loads and stores of one word or halfword, by register, by immediate, wide.
  if ((checks & kCheckUnaligned) != 0) add(0x50, 0x6F), add(0x80, 0x8F), add(0xF8, 0xF9);
  return groups;
}

bool MayBeChecked(Engine* engine, uint32_t checks, uint64_t address, uint16_t first) {
  const int group = first >> 8;
  const auto wants = [&](uint32_t some) { return (checks & some) != 0; };
  if (wants(kCheckNarrow) && IsNarrowOfV7(first)) return true;
  if (wants(kCheckWide) && IsWideOfV7(engine, address, first)) return true;
  if (wants(kCheckControl) && WritesControl(engine, address, first)) return true;
  if (wants(kCheckSecurity) && LeavesSecureState(first)) return true;
  if (wants(kCheckFloats) && IsFloat(engine, address, first)) return true;
  if (IsOfMasks(group)) return IsSev(engine, address, first) || (wants(kCheckMasks) && ChangesMasks(engine, address, first));
  if (group == 0xFB) return wants(kCheckDivision);
  if (IsOfMultiples(group)) return wants(kCheckMultiple) && !IsStackMultiple(first);
  return wants(kCheckUnaligned);
}

uint32_t CheckInstruction(Engine* engine, RunState& run, uint64_t address, uint16_t first) {
  const int group = first >> 8;
  if ((run.checks & kCheckNarrow) != 0 && IsNarrowOfV7(first)) return kTrapUndefined;
  if ((run.checks & kCheckWide) != 0 && IsWideOfV7(engine, address, first)) return kTrapUndefined;
  if ((run.checks & kCheckControl) != 0 && WritesControl(engine, address, first)) return kTrapControl;
  if (IsOfMasks(group)) {
    if (IsSev(engine, address, first)) run.event = true;
    if ((run.checks & kCheckMasks) != 0 && ChangesMasks(engine, address, first)) {
      run.stop_requested = true;
      run.Attend();
    }
    return 0;
  }
  if ((run.checks & kCheckSecurity) != 0 && LeavesSecureState(first)) return kTrapSecurity;
  if ((run.checks & kCheckFloats) != 0 && IsFloat(engine, address, first)) return kTrapFloats;
  if (group == 0xFB) return (run.checks & kCheckDivision) != 0 && DividesByZero(engine, address, first) ? uint32_t{kTrapDivision} : 0;
  if (IsOfMultiples(group)) {
    return (run.checks & kCheckMultiple) != 0 && IsMisaligned(engine, address, first) ? uint32_t{kTrapUnaligned} : 0;
  }
  return (run.checks & kCheckUnaligned) != 0 && IsMisaligned(engine, address, first) ? uint32_t{kTrapUnaligned} : 0;
}

}  // namespace unicornjs
