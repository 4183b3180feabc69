// A bare loop over libunicorn, which `bench emulate` compares our machines with: one image without interrupts and devices, RAM, and a code hook
// that counts. Built when it is needed: g++ -O3 bare-loop.cc -lunicorn.
//
//   bare-loop CPU PC SP IMAGE@ADDRESS ADDRESS+BYTES..   numbers in hexadecimal; CPU is cortex-m4, cortex-m0 or rv32
//
// Prints instructions, seconds, and the status by which the image left (semihosting's SYS_EXIT_EXTENDED).
#include <unicorn/unicorn.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

// ADP_Stopped_ApplicationExit of semihosting.
constexpr uint32_t kApplicationExit = 0x20026;

uint64_t executed = 0;

void OnCode(uc_engine*, uint64_t, uint32_t, void*) { executed++; }
void OnInterrupt(uc_engine* uc, uint32_t, void*) { uc_emu_stop(uc); }

void Check(uc_err error, const char* what) {
  if (error == UC_ERR_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, uc_strerror(error));
  std::exit(1);
}

uint64_t Hex(const char* text) { return std::strtoull(text, nullptr, 16); }

// The part of `text` behind `separator`, which is cut off.
char* Cut(char* text, char separator) {
  char* found = std::strrchr(text, separator);
  if (found == nullptr) Check(UC_ERR_ARG, text);
  *found = 0;
  return found + 1;
}

}  // namespace

int main(int count, char** words) {
  if (count < 6) return 2;
  const bool arm = std::strncmp(words[1], "cortex", 6) == 0;
  uc_engine* uc = nullptr;
  Check(uc_open(arm ? UC_ARCH_ARM : UC_ARCH_RISCV, arm ? uc_mode(UC_MODE_THUMB | UC_MODE_MCLASS) : UC_MODE_RISCV32, &uc), "open");
  if (arm) Check(uc_ctl_set_cpu_model(uc, std::strcmp(words[1], "cortex-m0") == 0 ? UC_CPU_ARM_CORTEX_M0 : UC_CPU_ARM_CORTEX_M4), "model");
  const uint32_t pc = uint32_t(Hex(words[2])), sp = uint32_t(Hex(words[3]));
  for (int n = 5; n < count; n++) {
    const uint64_t size = Hex(Cut(words[n], '+'));
    Check(uc_mem_map(uc, Hex(words[n]), size, UC_PROT_ALL), "map");
  }
  const uint64_t base = Hex(Cut(words[4], '@'));
  FILE* file = std::fopen(words[4], "rb");
  if (file == nullptr) return 1;
  std::vector<uint8_t> bytes(1 << 20);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  Check(uc_mem_write(uc, base, bytes.data(), bytes.size()), "write");
  Check(uc_reg_write(uc, arm ? int(UC_ARM_REG_SP) : int(UC_RISCV_REG_SP), &sp), "sp");
  uc_hook hook;
  Check(uc_hook_add(uc, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(OnCode), nullptr, uint64_t{1}, uint64_t{0}), "hook");
  Check(uc_hook_add(uc, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(OnInterrupt), nullptr, uint64_t{1}, uint64_t{0}), "hook");
  const auto start = std::chrono::steady_clock::now();
  const uc_err ended = uc_emu_start(uc, arm ? pc | 1 : pc, UINT64_MAX - 1, 0, 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // The call of the host, an invalid instruction for RISC-V, says whether that was the end.
  uint32_t block = 0, parameters[2] = {0, 0};
  Check(uc_reg_read(uc, arm ? int(UC_ARM_REG_R1) : int(UC_RISCV_REG_A1), &block), "result");
  Check(uc_mem_read(uc, block, parameters, sizeof parameters), "result");
  if (parameters[0] != kApplicationExit) Check(ended, "run");
  std::printf("%llu %.6f %u\n", static_cast<unsigned long long>(executed), seconds, parameters[1]);
  return 0;
}
