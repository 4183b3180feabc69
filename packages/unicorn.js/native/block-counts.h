// What blocks that count themselves (counting-site.h) have counted, and what keeps them from it.
#pragma once
#include <algorithm>
#include <cstdint>

namespace unicornjs {

// Words in front of the guest's registers. The known release has them so that the registers are aligned, and uses only the upper half of the first.
struct BlockWords {
  // Instructions until the next block that has to call, and what the library sets while translated code is to return before its next block: either makes this
  // word, less what the block counts, negative.
  uint16_t left;
  uint16_t leaving;
  // Of the instructions counted here, those of blocks outside of the counted range.
  uint32_t outside;
  // Numbers of blocks; 0: none. Before the one that is being executed: the last outside of the range since the last inside, and that one; the latter only where the
  // one that is being executed is inside.
  uint16_t outside_before;
  uint16_t inside_before;
  // The same with the one that is being executed.
  uint16_t outside_last;
  uint16_t inside_last;
};
static_assert(sizeof(BlockWords) == 16);

class BlockCounts {
 public:
  BlockCounts() = default;
  explicit BlockCounts(BlockWords* words) : words_(words) {}
  // Where there are none, no block counts itself.
  bool known() const { return words_ != nullptr; }
  const BlockWords& words() const { return *words_; }
  // Has a block counted itself since it was last asked?
  bool Any() const { return words_ != nullptr && (words_->inside_last | words_->outside_last) != 0; }

  // Lets blocks count themselves up to so many instructions.
  void Allow(uint64_t instructions) {
    if (words_ == nullptr) return;
    words_->left = static_cast<uint16_t>(std::min<uint64_t>(instructions, UINT16_MAX));
    allowed_ = words_->left;
  }
  // The next block calls; what has been counted stays counted.
  void Stop() {
    if (words_ == nullptr) return;
    allowed_ -= words_->left;
    words_->left = 0;
  }
  // A block has found that it has to call.
  void TakeBack(uint32_t instructions) {
    uint32_t word = words_->left | uint32_t{words_->leaving} << 16;
    word += instructions;
    words_->left = static_cast<uint16_t>(word);
    words_->leaving = static_cast<uint16_t>(word >> 16);
  }
  // Instructions counted since the last call; all is as if nothing had been counted.
  uint32_t Take() {
    const uint32_t counted = allowed_ - words_->left;
    allowed_ = words_->left;
    words_->outside = 0;
    words_->inside_before = words_->outside_before = 0;
    words_->inside_last = words_->outside_last = 0;
    return counted;
  }

 private:
  BlockWords* words_ = nullptr;
  // What `left` would be if no instruction had been counted.
  uint32_t allowed_ = 0;
};

}  // namespace unicornjs
