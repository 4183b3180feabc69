// Stores at full speed. libunicorn 2.0.1 takes every store to RAM the slow way, because it never notes that a page has become dirty, which
// it looks at to find changed code. For pages that hold no code this notes it. That a page holds no code is certain because it may not be
// executed, and never could: memory of such an engine that is to be executable becomes so piece by piece, where the guest first fetches from it.
#pragma once
#include <unicorn/unicorn.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace unicornjs {

class FastStores {
 public:
  // Null where the library's internals are not those that are known.
  static std::unique_ptr<FastStores> Find(uc_engine* uc, int arch, int mode);

  // Memory has been mapped without the right to execute. `executes`: where the guest fetches from it, it is to have that right.
  void Add(uint64_t begin, uint64_t end, const uint8_t* host, bool executes);
  // The permissions of [begin, end) are set by somebody else. Mappings that overlap it are no business of this any more, but for those that have never been executable where
  // they are not to be so now.
  void Forget(uint64_t begin, uint64_t end, bool executable);
  // Mappings that overlap [begin, end) and become executable where they are fetched from.
  std::vector<std::pair<uint64_t, uint64_t>> Surroundings(uint64_t begin, uint64_t end) const;
  // Makes the surroundings of a fetch executable. False: that is not why the fetch failed.
  bool TakeFetch(uc_engine* uc, uint64_t address);
  // The parts of [begin, end) in which there may be translated code, as pairs of addresses.
  std::vector<std::pair<uint64_t, uint64_t>> Executable(uint64_t begin, uint64_t end) const;
  // To be called every `kInterval` instructions.
  void Mark();
  static constexpr uint64_t kInterval = 1 << 16;

 private:
  // A mapping in granules of `granule` bytes.
  struct Region {
    uint64_t begin;
    uint64_t end;
    const uint8_t* host;
    uint64_t granule;
    bool executes;
    std::vector<bool> executable;
  };

  FastStores() = default;
  void FindTouched();

  void* cpu_ = nullptr;
  void (*set_dirty_)(void*, uint64_t) = nullptr;
  uint64_t page_ = 0;
  std::vector<Region> regions_;
  // Pages that the host has memory for, of all regions: others have never been written.
  std::vector<uint64_t> touched_;
  // Calls until the next look, and from the last one to it.
  unsigned calls_ = 0;
  unsigned wait_ = 1;
  std::chrono::steady_clock::time_point marked_;
  size_t next_ = 0;
};

}  // namespace unicornjs
