#include "fast-stores.h"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "internals.h"

namespace unicornjs {
namespace {

constexpr uint64_t kHostPage = 4096;
// A region is split into at most so many pieces: the library has a limited number of sections.
constexpr uint64_t kMostPieces = 96;
constexpr uint64_t kSmallestGranule = 4096;
// Pages marked in one call, which takes a microsecond, and the time between two of them.
constexpr size_t kMarksOfCall = 256;
constexpr std::chrono::microseconds kLeastTime(100);
// Calls between two looks for pages that have been touched, which take hundreds of microseconds: twice as many behind each look that finds nothing new.
constexpr unsigned kFewestCalls = 16;
constexpr unsigned kMostCalls = 1024;

}  // namespace

std::unique_ptr<FastStores> FastStores::Find(uc_engine* uc, int arch, int mode) {
  const bool arm = arch == UC_ARCH_ARM;
  if (!HasKnownInternals() || !(arm || arch == UC_ARCH_RISCV)) return nullptr;
  const bool wide = !arm && mode == UC_MODE_RISCV64;
  const char* suffix = arm ? "arm" : wide ? "riscv64" : "riscv32";
  std::unique_ptr<FastStores> found(new FastStores());
  found->set_dirty_ = reinterpret_cast<void (*)(void*, uint64_t)>(Internal((std::string("tlb_set_dirty_") + suffix).c_str()));
  found->cpu_ = (arm ? FindRegisters(uc, UC_ARM_REG_R0, 13, 4) : FindRegisters(uc, UC_RISCV_REG_X1, 31, wide ? 8 : 4)).cpu;
  size_t page = 0;
  if (found->set_dirty_ == nullptr || found->cpu_ == nullptr || uc_query(uc, UC_QUERY_PAGE_SIZE, &page) != UC_ERR_OK) return nullptr;
  found->page_ = page;
  return found;
}

void FastStores::Add(uint64_t begin, uint64_t end, const uint8_t* host, bool executes) {
  uint64_t granule = kSmallestGranule;
  while ((end - begin) / granule > kMostPieces) granule *= 2;
  regions_.push_back({begin, end, host, granule, executes, std::vector<bool>((end - begin + granule - 1) / granule)});
  calls_ = 0;
}

void FastStores::Forget(uint64_t begin, uint64_t end, bool executable) {
  const auto overlaps = [=](const Region& region) { return begin < region.end && end > region.begin && (executable || region.executes); };
  regions_.erase(std::remove_if(regions_.begin(), regions_.end(), overlaps), regions_.end());
  touched_.clear();
  calls_ = 0;
}

std::vector<std::pair<uint64_t, uint64_t>> FastStores::Surroundings(uint64_t begin, uint64_t end) const {
  std::vector<std::pair<uint64_t, uint64_t>> found;
  for (const Region& region : regions_) {
    if (region.executes && begin < region.end && end > region.begin) found.push_back({region.begin, region.end});
  }
  return found;
}

bool FastStores::TakeFetch(uc_engine* uc, uint64_t address) {
  for (Region& region : regions_) {
    if (!region.executes || address < region.begin || address >= region.end) continue;
    const size_t index = (address - region.begin) / region.granule;
    if (region.executable[index]) return false;
    const uint64_t from = region.begin + index * region.granule;
    const uint64_t to = std::min(from + region.granule, region.end);
    if (uc_mem_protect(uc, from, to - from, UC_PROT_ALL) != UC_ERR_OK) return false;
    region.executable[index] = true;
    const auto within = [=](uint64_t page) { return page >= from && page < to; };
    touched_.erase(std::remove_if(touched_.begin(), touched_.end(), within), touched_.end());
    return true;
  }
  return false;
}

std::vector<std::pair<uint64_t, uint64_t>> FastStores::Executable(uint64_t begin, uint64_t end) const {
  std::vector<std::pair<uint64_t, uint64_t>> parts;
  for (uint64_t at = begin; at < end;) {
    uint64_t to = end;
    bool executable = true;
    for (const Region& region : regions_) {
      if (region.end <= at || region.begin >= end) continue;
      if (region.begin > at) {
        to = std::min(to, region.begin);
        continue;
      }
      const size_t index = (at - region.begin) / region.granule;
      executable = region.executable[index];
      to = std::min({to, region.begin + (index + 1) * region.granule, region.end});
    }
    if (executable) parts.push_back({at, to});
    at = to;
  }
  return parts;
}

void FastStores::FindTouched() {
  touched_.clear();
  std::vector<unsigned char> resident;
  for (const Region& region : regions_) {
    // The mapping may begin inside of a page of the host.
    const auto base = reinterpret_cast<uintptr_t>(region.host);
    const uintptr_t first = base & ~(kHostPage - 1);
    const size_t length = base + (region.end - region.begin) - first;
    resident.resize((length + kHostPage - 1) / kHostPage);
    if (mincore(reinterpret_cast<void*>(first), length, resident.data()) != 0) continue;
    for (size_t index = 0; index < resident.size(); index++) {
      if ((resident[index] & 1) == 0) continue;
      // The library's pages that begin in this one of the host.
      const uint64_t from = index == 0 ? 0 : first + index * kHostPage - base;
      const uint64_t to = std::min(first + (index + 1) * kHostPage - base, region.end - region.begin);
      for (uint64_t at = (from + page_ - 1) / page_ * page_; at < to; at += page_) {
        if (!region.executable[at / region.granule]) touched_.push_back(region.begin + at);
      }
    }
  }
}

void FastStores::Mark() {
  const auto now = std::chrono::steady_clock::now();
  if (now - marked_ < kLeastTime) return;
  marked_ = now;
  if (calls_ == 0) {
    const size_t before = touched_.size();
    FindTouched();
    wait_ = touched_.size() == before ? std::min(2 * wait_, kMostCalls) : kFewestCalls;
    calls_ = wait_;
  }
  calls_--;
  const size_t count = std::min(touched_.size(), kMarksOfCall);
  for (size_t n = 0; n < count; n++) {
    if (next_ >= touched_.size()) next_ = 0;
    set_dirty_(cpu_, touched_[next_++]);
  }
}

}  // namespace unicornjs
