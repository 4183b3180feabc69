// Stops of a debugger.
#include "stops.h"

#include "engine.h"

namespace unicornjs {
namespace {

// The widest access that a hook hears of, in bytes; the library compares where accesses begin.
constexpr uint64_t kWidest = 16;

void OnWatched(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t, void* user) {
  auto* engine = static_cast<Engine*>(user);
  RunState& run = engine->run();
  if (!run.active || run.stops->access.hit) return;
  const uint64_t end = address + static_cast<uint64_t>(size);
  const bool writes = type == UC_MEM_WRITE;
  for (const auto& [id, watch] : run.stops->watches) {
    if ((writes ? watch.write : watch.read) == 0 || end <= watch.begin || address >= watch.begin + watch.size) continue;
    run.stops->access = {true, type, address, size};
    run.Attend();
    return;
  }
}

}  // namespace

const Stops::Filter Stops::kEverywhere = [] {
  Filter filter;
  filter.fill(UINT64_MAX);
  return filter;
}();

void Stops::Mark(uint64_t address) {
  const uint64_t unit = address >> 1;
  filter_[unit >> 6 & (kFilterWords - 1)] |= uint64_t{1} << (unit & 63);
}

void Stops::Set(uint64_t address, bool on) {
  if (on) {
    addresses_.insert(address);
    Mark(address);
    return;
  }
  addresses_.erase(address);
  filter_ = {};
  for (const uint64_t other : addresses_) Mark(other);
}

bool Stops::HasWithin(uint64_t begin, uint64_t length) const {
  const auto found = addresses_.lower_bound(begin);
  return found != addresses_.end() && *found - begin < length;
}

Stops& Engine::UseStops() {
  if (run_.stops == nullptr) run_.stops = std::make_unique<Stops>();
  return *run_.stops;
}

void Engine::SetStop(uint64_t address, bool on) {
  UseStops().Set(address, on);
  ForgetBlocks();
  if (!run_.ranges) run_.places = run_.stops->IsEmpty() ? nullptr : &run_.stops->filter();
}

int Engine::AddWatch(uint32_t id, uint64_t begin, uint64_t size, uint32_t kinds) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (size == 0 || begin + size < begin) return UC_ERR_ARG;
  WatchRange watch{begin, size};
  const uint64_t first = begin < kWidest ? 0 : begin - kWidest + 1;
  const auto add = [&](uc_hook* handle, int type) {
    return uc_hook_add(uc_, handle, type, reinterpret_cast<void*>(OnWatched), this, first, begin + size - 1);
  };
  uc_err error = UC_ERR_OK;
  if ((kinds & kWatchReads) != 0) error = add(&watch.read, UC_HOOK_MEM_READ);
  if (error == UC_ERR_OK && (kinds & kWatchWrites) != 0) error = add(&watch.write, UC_HOOK_MEM_WRITE);
  if (error != UC_ERR_OK) return error;
  UseStops().watches[id] = watch;
  // Code that was translated before does not ask for hooks.
  return RemoveCache(0, UINT64_MAX);
}

int Engine::RemoveWatch(uint32_t id) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (run_.stops == nullptr) return UC_ERR_ARG;
  const auto found = run_.stops->watches.find(id);
  if (found == run_.stops->watches.end()) return UC_ERR_ARG;
  for (const uc_hook handle : {found->second.read, found->second.write}) {
    if (handle != 0) uc_hook_del(uc_, handle);
  }
  run_.stops->watches.erase(found);
  return RemoveCache(0, UINT64_MAX);
}

}  // namespace unicornjs
