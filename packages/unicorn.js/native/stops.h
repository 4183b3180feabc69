// Where runs stop for a debugger: in front of instructions, and behind accesses of data.
#pragma once
#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>
#include <map>
#include <set>

namespace unicornjs {

// Stops behind instructions that access a range. The numbers are part of the interface with src/stops.ts.
enum WatchKind : uint32_t {
  kWatchReads = 1,
  kWatchWrites = 2,
};

struct WatchRange {
  uint64_t begin = 0;
  uint64_t size = 0;
  uc_hook read = 0;
  uc_hook write = 0;
};

// An access that a run is to stop behind.
struct WatchedAccess {
  bool hit = false;
  int type = 0;
  uint64_t address = 0;
  int size = 0;
};

class Stops {
 public:
  static constexpr uint64_t kNowhere = UINT64_MAX;

  void Set(uint64_t address, bool on);
  // One bit a halfword: 128 KiB of code without two of a bit.
  static constexpr size_t kFilterWords = 1024;
  using Filter = std::array<uint64_t, kFilterWords>;
  // False for nearly all addresses that are none, in a few host instructions.
  static bool May(const Filter& filter, uint64_t address) {
    const uint64_t unit = address >> 1;
    return (filter[unit >> 6 & (kFilterWords - 1)] >> (unit & 63) & 1) != 0;
  }
  // Of all addresses.
  static const Filter kEverywhere;
  const Filter& filter() const { return filter_; }
  bool Has(uint64_t address) const { return addresses_.count(address) != 0; }
  bool IsEmpty() const { return addresses_.empty(); }
  bool HasWithin(uint64_t begin, uint64_t length) const;

  // The instruction at which the run that begins does not stop.
  uint64_t passed = kNowhere;
  std::map<uint32_t, WatchRange> watches;
  WatchedAccess access;

 private:
  void Mark(uint64_t address);

  Filter filter_{};
  std::set<uint64_t> addresses_;
};

}  // namespace unicornjs
