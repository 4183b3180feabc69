// Hooks of the memory guard (guard.h). The code hook keeps the shadow stack of activations.
#include "guard.h"

#include <algorithm>

#include "engine.h"

namespace unicornjs {
namespace {

constexpr size_t kMaxOwners = 1 << 20;

uint64_t ReadRegister(uc_engine* uc, int id) {
  uint64_t value = 0;
  uc_reg_read(uc, id, &value);
  return value & 0xFFFFFFFF;
}

void Record(Guard& guard, const GuardReport& report) {
  if (guard.first.violation == Violation::kNone) guard.first = report;
}

// Has the stack pointer followed the stores below it?
void Settle(Guard& guard, uc_engine* uc) {
  guard.pending = false;
  if (ReadRegister(uc, guard.sp_register) > guard.below.address) Record(guard, guard.below);
}

uint8_t MarkAt(const Guard& guard, uint64_t address) {
  if (!guard.code.Contains(address)) return 0;
  return guard.marks->base()[(address - guard.code.begin) >> 1];
}

// A function begins: by a call its frame lies below those of its callers, by a tail call in the
// place of the one that it replaces.
void Enter(Guard& guard, uc_engine* uc, uint64_t address) {
  const auto found = guard.functions.find(static_cast<uint32_t>(address));
  if (found == guard.functions.end()) return;
  const uint64_t end = ReadRegister(uc, guard.sp_register) + found->second.argument_bytes;
  const uint64_t link = ReadRegister(uc, guard.link_register) & ~uint64_t{1};
  while (!guard.frames.empty() && guard.frames.back().end <= end) guard.frames.pop_back();
  guard.frames.push_back({end, link, found->second.owner});
}

void OnGuardCode(uc_engine* uc, uint64_t address, uint32_t, void* user) {
  Guard& guard = *static_cast<Guard*>(user);
  guard.pc = address;
  if (guard.pending) Settle(guard, uc);
  if (!guard.frames.empty() && guard.frames.back().return_address == address &&
      guard.frames.back().end == ReadRegister(uc, guard.sp_register)) {
    guard.frames.pop_back();
  }
  if ((MarkAt(guard, address) & Guard::kEntry) != 0) Enter(guard, uc, address);
}

bool Allows(const Guard& guard, uint64_t address, int size, uint32_t right) {
  const uint32_t owner = guard.frames.empty() ? 0 : guard.frames.back().owner;
  if (owner >= guard.owners.size()) return false;
  const std::vector<GuardRange>& ranges = guard.owners[owner];
  auto behind = std::upper_bound(ranges.begin(), ranges.end(), address,
                                 [](uint64_t value, const GuardRange& range) { return value < range.begin; });
  if (behind == ranges.begin()) return false;
  const GuardRange& range = *--behind;
  return address + size <= range.end && (range.rights & right) == right;
}

void OnGuardMemory(uc_engine* uc, uc_mem_type type, uint64_t address, int size, int64_t, void* user) {
  Guard& guard = *static_cast<Guard*>(user);
  address &= 0xFFFFFFFF;
  const bool is_write = type == UC_MEM_WRITE;
  GuardReport report{Violation::kNone, is_write, guard.pc, address, size};
  if (guard.aligned && (address & (size - 1)) != 0) report.violation = Violation::kMisaligned;
  const uint32_t kind = MarkAt(guard, guard.pc) & Guard::kKind;
  // Wasm's own loads and stores never mean the stack, wherever their addresses come out.
  if (guard.stack.Contains(address) && kind != Guard::kWasmAccess) {
    const uint64_t end = guard.frames.empty() ? guard.stack.begin : guard.frames.back().end;
    if (address + size > end) {
      report.violation = Violation::kFrame;
    } else if (address < ReadRegister(uc, guard.sp_register)) {
      report.violation = Violation::kBelowStack;
      if (is_write) {
        if (!guard.pending || address < guard.below.address) guard.below = report;
        guard.pending = true;
        return;
      }
    }
  } else if (!Allows(guard, address, size, (is_write ? 2u : 1u) << (2 * kind))) {
    report.violation = Violation::kOutside;
  }
  if (report.violation != Violation::kNone) Record(guard, report);
}

// Loads that fault do not reach the hook of loads; stores that fault do reach theirs.
bool OnGuardFault(uc_engine* uc, uc_mem_type, uint64_t address, int size, int64_t, void* user) {
  OnGuardMemory(uc, UC_MEM_READ, address, size, 0, user);
  return false;
}

uint32_t WordAt(const uint8_t* bytes, size_t index) {
  const uint8_t* at = bytes + 4 * index;
  return uint32_t{at[0]} | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
}

}  // namespace

int Engine::InstallGuard(const GuardSetup& setup) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (running_) return kErrorBusy;
  if (guard_ != nullptr || setup.code.length == 0) return UC_ERR_ARG;
  Memory* marks = Memory::Create((setup.code.length + 1) / 2);
  if (marks == nullptr) return UC_ERR_NOMEM;
  guard_ = new Guard();
  guard_->code = setup.code;
  guard_->marks = marks;
  guard_->stack = setup.stack;
  guard_->aligned = setup.aligned;
  guard_->sp_register = is_arm() ? int{UC_ARM_REG_SP} : int{UC_RISCV_REG_SP};
  guard_->link_register = is_arm() ? int{UC_ARM_REG_LR} : int{UC_RISCV_REG_RA};
  uc_hook handle;
  auto add = [&](int type, void* callback) {
    return uc_hook_add(uc_, &handle, type, callback, guard_, uint64_t{1}, uint64_t{0});
  };
  uc_err error = add(UC_HOOK_CODE, reinterpret_cast<void*>(OnGuardCode));
  if (error == UC_ERR_OK) {
    error = add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(OnGuardMemory));
  }
  if (error == UC_ERR_OK) {
    error = add(UC_HOOK_MEM_READ_UNMAPPED | UC_HOOK_MEM_READ_PROT,
                reinterpret_cast<void*>(OnGuardFault));
  }
  if (error != UC_ERR_OK) return error;
  return RemoveCache(0, UINT64_MAX);
}

void Engine::RemoveGuard() {
  if (guard_ == nullptr) return;
  guard_->marks->Release();
  delete guard_;
  guard_ = nullptr;
}

int Engine::SetGuardRules(const uint8_t* functions, size_t function_count, const uint8_t* ranges,
                          size_t range_count) {
  if (guard_ == nullptr) return UC_ERR_HOOK;
  guard_->functions.clear();
  for (size_t row = 0; row < function_count; row++) {
    guard_->functions[WordAt(functions, 3 * row)] = {WordAt(functions, 3 * row + 1),
                                                     WordAt(functions, 3 * row + 2)};
  }
  guard_->owners.clear();
  for (size_t row = 0; row < range_count; row++) {
    const size_t owner = WordAt(ranges, 4 * row);
    if (owner >= kMaxOwners) return UC_ERR_ARG;
    if (owner >= guard_->owners.size()) guard_->owners.resize(owner + 1);
    guard_->owners[owner].push_back({WordAt(ranges, 4 * row + 1), WordAt(ranges, 4 * row + 2),
                                     WordAt(ranges, 4 * row + 3)});
  }
  for (std::vector<GuardRange>& owner : guard_->owners) {
    std::sort(owner.begin(), owner.end(),
              [](const GuardRange& a, const GuardRange& b) { return a.begin < b.begin; });
  }
  return UC_ERR_OK;
}

GuardReport Engine::TakeViolation() {
  if (guard_ == nullptr) return {};
  if (guard_->pending) Settle(*guard_, uc_);
  const GuardReport report = guard_->first;
  guard_->first = {};
  return report;
}

}  // namespace unicornjs
