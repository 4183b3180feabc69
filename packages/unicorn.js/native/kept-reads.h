// Reads of devices that are answered without asking the device again.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace unicornjs {

// A device that is read may say that the same read finds the same until something happens: for as long as JavaScript is not called for
// anything but such reads, and within the run. Loops that poll a status register are then answered here.
class KeptReads {
 public:
  static constexpr size_t kSlots = 256;
  // Words that are shared with src/kept-reads.ts: how many reads each slot is still good for, and behind them what the read that is going on says
  // of itself: is it kept?
  static constexpr size_t kWords = kSlots + 1;
  static constexpr uint32_t kEndless = UINT32_MAX;

  void Share(uint32_t* words) { words_ = words; }

  // Everything that was kept is out of date.
  void Forget() { epoch_++; }

  bool Answer(uint64_t address, uint32_t size, uint64_t* value) {
    const size_t slot = SlotOf(address, size);
    const Kept& kept = kept_[slot];
    if (kept.epoch != epoch_ || kept.address != address || kept.size != size || words_[slot] == 0) return false;
    if (words_[slot] != kEndless) words_[slot]--;
    *value = kept.value;
    return true;
  }

  // Around a call of the device.
  uint64_t Begin() {
    words_[kSlots] = 0;
    return epoch_;
  }
  void End(uint64_t begun, uint64_t address, uint32_t size, uint64_t value) {
    if (words_[kSlots] == 0) return;
    words_[kSlots] = 0;
    // The call itself has changed nothing. One that came from inside of it may have.
    if (epoch_ == begun + 1) epoch_ = begun;
    kept_[SlotOf(address, size)] = {epoch_, address, size, value};
  }

 private:
  struct Kept {
    uint64_t epoch = 0;
    uint64_t address = 0;
    uint32_t size = 0;
    uint64_t value = 0;
  };
  static size_t SlotOf(uint64_t address, uint32_t size) {
    const auto low = static_cast<uint32_t>(address);
    return (low >> 2 ^ low >> 10 ^ low << 6 ^ size << 3) % kSlots;
  }

  uint64_t epoch_ = 1;
  uint32_t* words_ = nullptr;
  std::array<Kept, kSlots> kept_{};
};

}  // namespace unicornjs
