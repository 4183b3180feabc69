// Host memory shared between engines and JavaScript.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace unicornjs {

// A zeroed, page-aligned block. Reference-counted, because the engine that maps it may outlive the
// ArrayBuffer over it, and a detached ArrayBuffer must not pull memory from under the guest.
class Memory {
 public:
  static constexpr uint64_t kMaxSize = uint64_t{1} << 32;

  // A block with one reference, or null where the host has no memory for it.
  static Memory* Create(uint64_t size);
  // The live block that starts at `base`, with one more reference, or null.
  static Memory* FindAndRetain(const void* base);

  void Retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Release();

  // A mapping in an open engine: a reference that `mapped` tells.
  void RetainMapping() {
    Retain();
    mappings_.fetch_add(1, std::memory_order_relaxed);
  }
  void ReleaseMapping() {
    mappings_.fetch_sub(1, std::memory_order_relaxed);
    Release();
  }
  uint32_t mappings() const { return mappings_.load(std::memory_order_relaxed); }
  bool mapped() const { return mappings() != 0; }

  // Gives the host its memory back at once, where references that nobody uses any more go later. The
  // addresses stay valid, and the content is lost: who holds them after all touches nobody else's memory.
  void Discard();
  // It holds zeros, and will be used again soon.
  void Clear();

  uint8_t* base() const { return base_; }
  uint64_t size() const { return size_; }

 private:
  Memory(uint8_t* base, uint64_t size) : base_(base), size_(size) {}
  ~Memory() = default;

  uint8_t* base_;
  uint64_t size_;
  std::atomic<uint32_t> references_{1};
  std::atomic<uint32_t> mappings_{0};
};

}  // namespace unicornjs
