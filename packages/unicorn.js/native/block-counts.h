// What blocks that count themselves (counting-site.h) have counted, and what keeps them from it.
#pragma once
#include <algorithm>
#include <cstdint>

namespace unicornjs {

// Words in front of the guest's registers. The known release has them so that the registers are aligned, and uses only the upper half of the first. They are
// read and written as a whole where translated code does: the host is slow where a read has to be put together from writes.
struct BlockWords {
  // Instructions until the next block that has to call, and above them what the library sets while translated code is to return before its next block: either
  // makes this word, less what the block counts, negative.
  uint32_t left;
  // Of the instructions counted here, those of blocks outside of the counted range.
  uint32_t outside;
  // Numbers of blocks; 0: none. Before the one that is being executed: the last outside of the range since the last inside, and above it that one; the latter only where
  // the one that is being executed is inside.
  uint32_t before;
  // The same with the one that is being executed.
  uint32_t last;
};
static_assert(sizeof(BlockWords) == 16);

class BlockCounts {
 public:
  BlockCounts() = default;
  explicit BlockCounts(BlockWords* words) : words_(words) {}
  // Where there are none, no block counts itself.
  bool known() const { return words_ != nullptr; }
  // Has a block counted itself since it was last asked?
  bool Any() const { return words_ != nullptr && words_->last != 0; }
  uint32_t outside() const { return words_->outside; }
  uint16_t outside_before() const { return static_cast<uint16_t>(words_->before); }
  uint16_t inside_before() const { return static_cast<uint16_t>(words_->before >> 16); }
  uint16_t outside_last() const { return static_cast<uint16_t>(words_->last); }
  uint16_t inside_last() const { return static_cast<uint16_t>(words_->last >> 16); }

  // Lets blocks count themselves up to so many instructions.
  void Allow(uint64_t instructions) {
    if (words_ == nullptr) return;
    allowed_ = static_cast<uint32_t>(std::min<uint64_t>(instructions, UINT16_MAX));
    words_->left = (words_->left & ~kLeft) | allowed_;
  }
  // The next block calls; what has been counted stays counted.
  void Stop() {
    if (words_ == nullptr) return;
    allowed_ -= words_->left & kLeft;
    words_->left &= ~kLeft;
  }
  // A block has found that it has to call.
  void TakeBack(uint32_t instructions) { words_->left += instructions; }
  // Instructions counted since the last call; all is as if nothing had been counted.
  uint32_t Take() {
    const uint32_t left = words_->left & kLeft, counted = allowed_ - left;
    allowed_ = left;
    words_->outside = 0;
    words_->before = 0;
    words_->last = 0;
    return counted;
  }

 private:
  static constexpr uint32_t kLeft = 0xFFFF;

  BlockWords* words_ = nullptr;
  // What would be left if no instruction had been counted.
  uint32_t allowed_ = 0;
};

}  // namespace unicornjs
