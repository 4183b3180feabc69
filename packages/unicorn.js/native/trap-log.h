// Traps of RISC-V that are told of together.
#pragma once
#include <cstddef>
#include <cstdint>

namespace unicornjs {

// Traps that runs have taken by themselves, for JavaScript to read when it comes by: a call for each would take longer than the trap.
class TrapLog {
 public:
  static constexpr size_t kMost = 64;
  static constexpr size_t kFields = 4;
  // Doubles that are shared with src/trap-log.ts: how many traps there are, and behind it of each, is it an interrupt, its code, mepc or sepc, and
  // the instructions of the run so far.
  static constexpr size_t kDoubles = 1 + kFields * kMost;

  void Share(double* doubles) { doubles_ = doubles; }

  // False: there is no room.
  bool Add(bool interrupt, uint64_t code, uint64_t pc, uint64_t executed) {
    const auto count = static_cast<size_t>(doubles_[0]);
    if (count >= kMost) return false;
    double* fields = doubles_ + 1 + kFields * count;
    fields[0] = interrupt ? 1 : 0;
    fields[1] = static_cast<double>(code);
    fields[2] = static_cast<double>(pc);
    fields[3] = static_cast<double>(executed);
    doubles_[0] = static_cast<double>(count + 1);
    return true;
  }

 private:
  double* doubles_ = nullptr;
};

}  // namespace unicornjs
