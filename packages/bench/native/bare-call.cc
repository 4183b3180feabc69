// A call of compiled code by libunicorn alone, which `bench cpus` compares our engines with: no hook, no count, and memory as it was when the call began.
// Built when it is needed: g++ -O3 bare-call.cc -lunicorn.
//
//   bare-call CPU PC UNTIL PASSES MEMORY REGISTER,.. ADDRESS+BYTES+KIND..   numbers in hexadecimal; CPU is cortex-m4 or rv32
//
// MEMORY is a file with the bytes of all regions, one behind the other; KIND is x for code, w for data. Registers are r0 to r12, sp and lr, or x1 to x31.
// Prints the seconds of the fastest pass, and what r0 or a0 holds at its end.
#include <unicorn/unicorn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

namespace {

struct Region {
  uint64_t address;
  size_t size;
  uint32_t permissions;
  std::vector<uint8_t> bytes;
};

void Check(uc_err error, const char* what) {
  if (error == UC_ERR_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, uc_strerror(error));
  std::exit(1);
}

// Moves `text` behind the number it begins with, and one separator.
uint64_t Number(const char*& text) {
  char* end = nullptr;
  const uint64_t value = std::strtoull(text, &end, 16);
  text = *end == 0 ? end : end + 1;
  return value;
}

uint64_t Whole(const char* text) { return Number(text); }

std::vector<int> RegisterNames(bool arm) {
  std::vector<int> names;
  if (!arm) {
    for (int n = UC_RISCV_REG_X1; n <= UC_RISCV_REG_X31; n++) names.push_back(n);
    return names;
  }
  for (int n = UC_ARM_REG_R0; n <= UC_ARM_REG_R12; n++) names.push_back(n);
  names.push_back(UC_ARM_REG_SP);
  names.push_back(UC_ARM_REG_LR);
  return names;
}

}  // namespace

int main(int count, char** words) {
  if (count < 8) return 2;
  const bool arm = std::strcmp(words[1], "cortex-m4") == 0;
  const uint64_t pc = Whole(words[2]), until = Whole(words[3]), passes = Whole(words[4]);
  uc_engine* uc = nullptr;
  Check(uc_open(arm ? UC_ARCH_ARM : UC_ARCH_RISCV, arm ? UC_MODE_THUMB : UC_MODE_RISCV32, &uc), "open");
  if (arm) Check(uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4), "model");

  FILE* file = std::fopen(words[5], "rb");
  if (file == nullptr) Check(UC_ERR_ARG, words[5]);
  std::vector<Region> regions;
  for (int n = 7; n < count; n++) {
    const char* text = words[n];
    Region region{Number(text), size_t(Number(text)), uint32_t(*text == 'x' ? UC_PROT_READ | UC_PROT_EXEC : UC_PROT_READ | UC_PROT_WRITE), {}};
    region.bytes.resize(region.size);
    if (std::fread(region.bytes.data(), 1, region.size, file) != region.size) Check(UC_ERR_ARG, words[5]);
    Check(uc_mem_map(uc, region.address, region.size, region.permissions), "map");
    regions.push_back(std::move(region));
  }
  std::fclose(file);

  std::vector<uint32_t> values;
  for (const char* text = words[6]; *text != 0;) values.push_back(uint32_t(Number(text)));
  const std::vector<int> names = RegisterNames(arm);
  if (values.size() != names.size()) Check(UC_ERR_ARG, words[6]);

  double fastest = std::numeric_limits<double>::infinity();
  for (uint64_t pass = 0; pass < passes; pass++) {
    for (const Region& region : regions) {
      if (pass == 0 || region.permissions == (UC_PROT_READ | UC_PROT_WRITE)) Check(uc_mem_write(uc, region.address, region.bytes.data(), region.size), "write");
    }
    for (size_t n = 0; n < names.size(); n++) Check(uc_reg_write(uc, names[n], &values[n]), "register");
    const auto start = std::chrono::steady_clock::now();
    Check(uc_emu_start(uc, arm ? pc | 1 : pc, until, 0, 0), "run");
    fastest = std::min(fastest, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  uint32_t result = 0;
  Check(uc_reg_read(uc, arm ? int(UC_ARM_REG_R0) : int(UC_RISCV_REG_A0), &result), "result");
  std::printf("%.9f %u\n", fastest, result);
  return 0;
}
