// Where translated code calls the hook of its block, and what it does there instead: counts itself, and calls only where it must not go on.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace unicornjs {

// How a block counts itself.
struct SelfCount {
  uint16_t number;
  uint8_t instructions;
  // In the counted range; everything is where there is none.
  bool inside;
};

// Such a place, by the host address that the call returns to. Of the known release on x86-64: it is known by the bytes in front of that address, and behind it.
class CountingSite {
 public:
  static constexpr size_t kChanged = 25;
  using Bytes = std::array<uint8_t, kChanged>;
  // What the hook has to be given, so that there is room: numbers of 32 bits take less.
  static constexpr uint64_t kUser = uint64_t{1} << 40;

  // What was there; false where it is not a call of the kind that is known, and nothing has changed.
  static bool Install(uint8_t* caller, const SelfCount& count, Bytes* before);
  // Where what `Install` wrote is still there, makes it what it was.
  static void Remove(uint8_t* caller, const SelfCount& count, const Bytes& before);
  // Of a block that counts itself. 0, or any number, of others.
  static uint16_t NumberAt(const uint8_t* caller);
};

}  // namespace unicornjs
