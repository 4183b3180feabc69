// What the MPU of Arm's M-profile divides more finely than the library's TLB keeps apart.
#pragma once
#include <cstdint>
#include <vector>

namespace unicornjs {

// The library's page on Arm.
constexpr uint32_t kArmPageBytes = 1024;

// For as long as it lives, these are the pages of the engine that runs on this thread, by their first addresses.
class RunningProtection {
 public:
  explicit RunningProtection(const std::vector<uint32_t>* divided);
  ~RunningProtection();
  RunningProtection(const RunningProtection&) = delete;
  RunningProtection& operator=(const RunningProtection&) = delete;

 private:
  const std::vector<uint32_t>* outer_;
};

}  // namespace unicornjs
