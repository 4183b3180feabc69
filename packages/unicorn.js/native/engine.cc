#include "engine.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace unicornjs {

namespace {

std::atomic<uint64_t> opened_engines{0};

// Default memory map of Armv7-M (ARM, B3.1): peripherals, devices and system space never execute.
bool NeverExecutes(uint64_t address) {
  const uint64_t block = address >> 29;  // blocks of 512 MiB
  return block == 2 || block == 5 || block == 6 || block == 7;
}

}  // namespace

int Engine::Open(int arch, int mode) {
  if (uc_ != nullptr) return UC_ERR_HANDLE;
  uc_engine* uc = nullptr;
  uc_err error = uc_open(static_cast<uc_arch>(arch), static_cast<uc_mode>(mode), &uc);
  if (error != UC_ERR_OK) return error;
  uc_ = uc;
  serial_ = ++opened_engines;
  arch_ = arch;
  mode_ = mode;
  return UC_ERR_OK;
}

int Engine::Close() {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  // Also reached from a finalizer when a hook ends the process: the guest is still on the stack.
  if (busy()) return kErrorBusy;
  if (before_abort_ != nullptr) uc_context_free(before_abort_);
  before_abort_ = nullptr;
  uc_err error = uc_close(uc_);
  uc_ = nullptr;
  RemoveGuard();
  for (Mapping& mapping : mappings_) mapping.memory->ReleaseMapping();
  mappings_.clear();
  ForgetWindow();
  records_.clear();
  hooks_.clear();
  if (run_.coverage != nullptr) run_.coverage->Release();
  if (run_.trace != nullptr) run_.trace->Release();
  fast_stores_ = nullptr;
  blocks_ = nullptr;
  run_ = {};
  riscv_ = nullptr;
  doubles_ = nullptr;
  cpu_ = nullptr;
  arm_registers_ = nullptr;
  features_ = nullptr;
  translated_ = false;
  uses_exits_ = false;
  flags_defined_ = false;
  return error;
}

int Engine::Recycle() {
  // Invalid translations stay in the library's buffer, which is thrown away as a whole.
  constexpr size_t kMostTranslated = size_t{32} << 20;
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  const bool runs_plainly = run_.checks == 0 && run_.stops == nullptr && run_.watched == nullptr && run_.trace == nullptr && run_.coverage == nullptr;
  const auto is_own = [this](const Mapping& mapping) {
    const auto of_memory = [&](const Mapping& other) { return other.memory == mapping.memory; };
    return std::count_if(mappings_.begin(), mappings_.end(), of_memory) == mapping.memory->mappings();
  };
  const bool is_plain = runs_plainly && std::all_of(mappings_.begin(), mappings_.end(), is_own) && records_.empty() && guard_ == nullptr && riscv_ == nullptr && features_ == nullptr && before_abort_ == nullptr && !uses_exits_;
  if (!is_plain || blocks_ == nullptr || blocks_->Bytes() > kMostTranslated) return UC_ERR_RESOURCE;
  RunState opened;
  opened.installed = run_.installed;
  opened.groups = run_.groups;
  opened.counts = run_.counts;
  run_ = std::move(opened);
  blocks_->Restart();
  for (const Mapping& mapping : mappings_) mapping.memory->Clear();
  return UC_ERR_OK;
}

int Engine::SetCpuModel(int model) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (model < 0) return UC_ERR_ARG;
  const uc_err error = uc_ctl_set_cpu_model(uc_, model);
  if (error != UC_ERR_OK) return error;
  m_profile_ = is_arm() && model >= UC_CPU_ARM_CORTEX_M0 && model <= UC_CPU_ARM_CORTEX_M33;
  return UC_ERR_OK;
}

// Will the library have room for the regions that there are after a region has been added at, or the ends of a range
// have been split from those around it? It asserts that there are fewer sections than a target page has bytes, and has
// one of its own.
int Engine::CheckRegions(uint64_t address, uint64_t size, bool splits) const {
  if (in_device_) return kErrorInDevice;
  size_t page_size = 0;
  uc_mem_region* regions = nullptr;
  uint32_t count = 0;
  uc_err error = uc_query(uc_, UC_QUERY_PAGE_SIZE, &page_size);
  if (error == UC_ERR_OK) error = uc_mem_regions(uc_, &regions, &count);
  if (error != UC_ERR_OK) return error;
  uint64_t after = count + (splits ? 0u : 1u);
  for (uint32_t index = 0; splits && index < count; index++) {
    const uc_mem_region& region = regions[index];
    if (address > region.begin && address <= region.end) after++;
    const uint64_t end = address + size;
    if (end > region.begin && end <= region.end) after++;
  }
  uc_free(regions);
  return after < page_size ? int{UC_ERR_OK} : kErrorRegions;
}

int Engine::UseExits(bool enabled) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  const uc_err error = enabled ? uc_ctl_exits_enable(uc_) : uc_ctl_exits_disable(uc_);
  if (error == UC_ERR_OK) uses_exits_ = enabled;
  return error;
}

// Is, or may be, an address that the CPU is given another than that of memory?
bool Engine::TranslatesAddresses() const {
  uint64_t control = 0;
  switch (arch_) {
    case UC_ARCH_X86:
      uc_reg_read(uc_, UC_X86_REG_CR0, &control);
      return (control & 0x80000000) != 0;
    case UC_ARCH_RISCV:
      // Without supervisor mode there is no SATP, and what is read is arbitrary.
      uc_reg_read(uc_, UC_RISCV_REG_MISA, &control);
      if ((control & 1 << ('S' - 'A')) == 0) return false;
      uc_reg_read(uc_, UC_RISCV_REG_SATP, &control);
      return control != 0;
    case UC_ARCH_ARM: {
      uc_arm_cp_reg system{};  // SCTLR
      system.cp = 15;
      system.crn = 1;
      if (!m_profile_ && uc_reg_read(uc_, UC_ARM_REG_CP_REG, &system) != UC_ERR_OK) return true;
      return (system.val & 1) != 0;
    }
    case UC_ARCH_ARM64: {
      uc_arm64_cp_reg system{};  // SCTLR_EL1
      system.crn = 1;
      system.op0 = 3;
      return uc_reg_read(uc_, UC_ARM64_REG_CP_REG, &system) != UC_ERR_OK || (system.val & 1) != 0;
    }
    default:
      return true;
  }
}

// A fault while it translates would make the library jump to where no guest is started: the page of the address and
// the one behind it, into which the block's last instruction may reach, must be executable.
int Engine::RequestCache(uint64_t address, uc_tb* block) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  // Where program counters have 32 bits, the library would cut a longer one off and translate from there.
  const bool has_64_bits = arch_ == UC_ARCH_ARM64 || (mode_ & (arch_ == UC_ARCH_X86 ? UC_MODE_64 : UC_MODE_RISCV64)) != 0;
  if (!has_64_bits && address > UINT32_MAX) return UC_ERR_ARG;
  if (TranslatesAddresses()) return kErrorTranslation;
  if (m_profile_ && NeverExecutes(address)) return UC_ERR_FETCH_PROT;
  size_t page_size = 0;
  uc_mem_region* regions = nullptr;
  uint32_t count = 0;
  uc_err error = uc_query(uc_, UC_QUERY_PAGE_SIZE, &page_size);
  if (error == UC_ERR_OK) error = uc_mem_regions(uc_, &regions, &count);
  if (error != UC_ERR_OK) return error;
  const auto executable = [&](uint64_t at) {
    return std::any_of(regions, regions + count, [at](const uc_mem_region& region) {
      return at >= region.begin && at <= region.end && (region.perms & UC_PROT_EXEC) != 0;
    });
  };
  const bool possible = executable(address) && executable((address & ~(uint64_t{page_size} - 1)) + page_size);
  uc_free(regions);
  if (!possible) return UC_ERR_FETCH_UNMAPPED;
  translated_ = true;
  return uc_ctl_request_cache(uc_, address, block);
}

// SPARC's translator asserts it. Others raise the exception that the architecture has.
bool Engine::PcIsAligned(uint64_t pc) const { return arch_ != UC_ARCH_SPARC || (pc & 3) == 0; }

// A fresh m68k or SPARC of libunicorn 2.0.1 has no way of computing its condition codes yet: the first instruction that
// reads them ends the process.
int Engine::DefineFlags() {
  if (flags_defined_) return UC_ERR_OK;
  flags_defined_ = true;
  if (arch_ == UC_ARCH_SPARC) return DefineSparcFlags();
  if (arch_ != UC_ARCH_M68K) return UC_ERR_OK;
  uint32_t status = 0;
  const uc_err error = uc_reg_read(uc_, UC_M68K_REG_SR, &status);
  return error == UC_ERR_OK ? uc_reg_write(uc_, UC_M68K_REG_SR, &status) : error;
}

// The flags are no register of the library's: the CPU executes a comparison, in a page that is there for it only.
int Engine::DefineSparcFlags() {
  constexpr uint64_t kPage = 0x1000;
  constexpr uint8_t kCompare[] = {0x80, 0xA0, 0x00, 0x00};  // subcc %g0, %g0, %g0
  uint64_t pc = 0;
  uint64_t at = 0;
  uc_err error = uc_reg_read(uc_, UC_SPARC_REG_PC, &pc);
  if (error != UC_ERR_OK) return error;
  do {
    const int refused = CheckRegions(at, kPage, false);
    if (refused != UC_ERR_OK) return refused;
    error = uc_mem_map(uc_, at, kPage, UC_PROT_ALL);
    if (error == UC_ERR_OK) break;
    at += kPage;
  } while (error == UC_ERR_MAP && at < 0x1000'0000);
  if (error != UC_ERR_OK) return error;
  error = uc_mem_write(uc_, at, kCompare, sizeof(kCompare));
  if (error == UC_ERR_OK) error = uc_emu_start(uc_, at, at + sizeof(kCompare), 0, 0);
  uc_reg_write(uc_, UC_SPARC_REG_PC, &pc);
  uc_ctl_remove_cache(uc_, at, at + kPage);
  uc_mem_unmap(uc_, at, kPage);
  return error;
}

int Engine::RegWrite(int id, const void* value) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (arch_ == UC_ARCH_SPARC && id == UC_SPARC_REG_PC) {
    uint32_t pc = 0;
    memcpy(&pc, value, sizeof(pc));
    if (!PcIsAligned(pc)) return kErrorPc;
  }
  return uc_reg_write(uc_, id, value);
}

int Engine::Map(uint64_t address, uint64_t size, uint32_t permissions, Memory* memory,
                uint64_t offset) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  const int refused = CheckRegions(address, size, false);
  if (refused != UC_ERR_OK) return refused;
  // Executable as the guest fetches from it.
  const bool executes = fast_stores_ != nullptr && permissions == UC_PROT_ALL;
  const uint32_t first = executes ? UC_PROT_READ | UC_PROT_WRITE : permissions;
  uc_err error = uc_mem_map_ptr(uc_, address, size, first, memory->base() + offset);
  if (error != UC_ERR_OK) return error;
  if (fast_stores_ != nullptr && (first & UC_PROT_EXEC) == 0) fast_stores_->Add(address, address + size, memory->base() + offset, executes);
  memory->RetainMapping();
  mappings_.push_back({address, address + size, memory, offset});
  return UC_ERR_OK;
}

int Engine::Unmap(uint64_t address, uint64_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  const int refused = CheckRegions(address, size, true);
  if (refused != UC_ERR_OK) return refused;
  uc_err error = uc_mem_unmap(uc_, address, size);
  if (error != UC_ERR_OK) return error;
  if (fast_stores_ != nullptr) fast_stores_->Forget(address, address + size, true);
  ForgetWindow();
  const uint64_t end = address + size;
  std::vector<Mapping> kept;
  for (const Mapping& mapping : mappings_) {
    if (mapping.end <= address || mapping.begin >= end) {
      kept.push_back(mapping);
      continue;
    }
    if (mapping.begin < address) {
      mapping.memory->RetainMapping();
      kept.push_back({mapping.begin, address, mapping.memory, mapping.offset});
    }
    if (mapping.end > end) {
      mapping.memory->RetainMapping();
      kept.push_back({end, mapping.end, mapping.memory, mapping.offset + (end - mapping.begin)});
    }
    mapping.memory->ReleaseMapping();
  }
  mappings_ = std::move(kept);
  return UC_ERR_OK;
}

int Engine::Protect(uint64_t address, uint64_t size, uint32_t permissions) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  const int refused = CheckRegions(address, size, true);
  if (refused != UC_ERR_OK) return refused;
  return ProtectNow(address, size, permissions);
}

// What fast stores leave to be made executable keeps the rights that were asked for.
int Engine::ProtectNow(uint64_t address, uint64_t size, uint32_t permissions) {
  if (fast_stores_ == nullptr) return uc_mem_protect(uc_, address, size, permissions);
  for (const auto& [begin, end] : fast_stores_->Surroundings(address, address + size)) {
    const uc_err error = uc_mem_protect(uc_, begin, end - begin, UC_PROT_ALL);
    if (error != UC_ERR_OK) return error;
  }
  fast_stores_->Forget(address, address + size, (permissions & UC_PROT_EXEC) != 0);
  return uc_mem_protect(uc_, address, size, permissions);
}

int Engine::UseFastStores() {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (busy()) return kErrorBusy;
  if (fast_stores_ == nullptr) fast_stores_ = FastStores::Find(uc_, arch_, mode_);
  return fast_stores_ == nullptr ? UC_ERR_VERSION : UC_ERR_OK;
}

int Engine::Read(uint64_t address, uint8_t* bytes, size_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  return uc_mem_read(uc_, address, bytes, size);
}

int Engine::Write(uint64_t address, const uint8_t* bytes, size_t size) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (in_device_ && !IsWritable(address, size)) return kErrorInDevice;
  return uc_mem_write(uc_, address, bytes, size);
}

// The library makes a read-only region writable for as long as the host writes to it: a change of the address space.
bool Engine::IsWritable(uint64_t address, uint64_t size) const {
  uc_mem_region* regions = nullptr;
  uint32_t count = 0;
  if (uc_mem_regions(uc_, &regions, &count) != UC_ERR_OK) return false;
  const bool writable = std::all_of(regions, regions + count, [=](const uc_mem_region& region) {
    const bool touched = (address >= region.begin && address <= region.end) || (region.begin > address && region.begin - address < size);
    return !touched || (region.perms & UC_PROT_WRITE) != 0;
  });
  uc_free(regions);
  return writable;
}

int Engine::RemoveCache(uint64_t begin, uint64_t end) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (!translated_) return UC_ERR_OK;
  // Clipped to mapped memory: the library walks the range block by block.
  uc_err error = UC_ERR_OK;
  for (const Mapping& mapping : mappings_) {
    const uint64_t from = std::max(begin, mapping.begin);
    const uint64_t to = std::min(end, mapping.end);
    if (from >= to) continue;
    // No code can be there, and the library's probe would leave a prefetch abort pending.
    if (m_profile_ && NeverExecutes(from)) continue;
    const int one = RemoveCacheNow(from, to);
    if (one != UC_ERR_OK) error = static_cast<uc_err>(one);
  }
  return error;
}

// The library's look into what may not be executed would be a fault of the guest's.
int Engine::RemoveCacheNow(uint64_t begin, uint64_t end) {
  if (fast_stores_ == nullptr) return uc_ctl_remove_cache(uc_, begin, end);
  int result = UC_ERR_OK;
  for (const auto& [from, to] : fast_stores_->Executable(begin, end)) {
    const uc_err error = uc_ctl_remove_cache(uc_, from, to);
    if (error != UC_ERR_OK) result = error;
  }
  return result;
}

Memory* Engine::MappedAt(uint64_t address, uint64_t size) const {
  const auto found = std::find_if(mappings_.begin(), mappings_.end(), [=](const Mapping& mapping) { return mapping.begin == address && mapping.offset == 0; });
  return found != mappings_.end() && found->memory->size() == size ? found->memory : nullptr;
}

bool Engine::FindWindow(uint64_t address) {
  for (const Mapping& mapping : mappings_) {
    const Range range{mapping.begin, mapping.end - mapping.begin};
    if (!range.Contains(address)) continue;
    run_.window = {range, mapping.memory->base() + mapping.offset};
    return true;
  }
  return false;
}

}  // namespace unicornjs
