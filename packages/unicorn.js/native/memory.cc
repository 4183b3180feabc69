#include "memory.h"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <mutex>

namespace unicornjs {
namespace {

// Live blocks by base address, for every thread of the process: an ArrayBuffer handed back by
// JavaScript is trusted only when its memory is one of these.
std::mutex registry_lock;
std::map<const void*, Memory*>& Registry() {
  static auto* registry = new std::map<const void*, Memory*>();
  return *registry;
}

}  // namespace

Memory* Memory::Create(uint64_t size) {
  if (size == 0 || size > kMaxSize) return nullptr;
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  auto* memory = new Memory(static_cast<uint8_t*>(base), size);
  std::lock_guard<std::mutex> guard(registry_lock);
  Registry()[base] = memory;
  return memory;
}

Memory* Memory::FindAndRetain(const void* base) {
  std::lock_guard<std::mutex> guard(registry_lock);
  auto found = Registry().find(base);
  if (found == Registry().end()) return nullptr;
  found->second->Retain();
  return found->second;
}

void Memory::Discard() { madvise(base_, size_, MADV_DONTNEED); }

void Memory::Clear() {
  // A fault for each page that is used again takes longer than to write them all, where there are few.
  constexpr uint64_t kFew = 128 << 10;
  if (size_ > kFew) return Discard();
  memset(base_, 0, size_);
}

void Memory::Release() {
  {
    // Counted down under the lock, so that FindAndRetain never revives a block that is on its way out.
    std::lock_guard<std::mutex> guard(registry_lock);
    if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    Registry().erase(base_);
  }
  munmap(base_, size_);
  delete this;
}

}  // namespace unicornjs
