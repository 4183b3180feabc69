// Hooks and MMIO regions with JavaScript callbacks.
#include "engine.h"

namespace unicornjs {
namespace {

void OnCode(uc_engine*, uint64_t address, uint32_t size, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {address, size};
  record->engine->Dispatch(record->id, values, 2, nullptr);
}

void OnInterrupt(uc_engine*, uint32_t number, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {number};
  record->engine->Dispatch(record->id, values, 1, nullptr);
}

bool OnInvalidInstruction(uc_engine*, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  uint64_t result = 0;
  return record->engine->Dispatch(record->id, nullptr, 0, &result) && result != 0;
}

// Serves plain accesses, where the library ignores the result, and faults, where it means "retry".
bool OnMemory(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t value, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {static_cast<uint64_t>(type), address, static_cast<uint64_t>(size),
                             static_cast<uint64_t>(value)};
  uint64_t result = 0;
  const bool handled = record->engine->Dispatch(record->id, values, 4, &result) && result != 0;
  if (handled) record->engine->run().faulted = false;
  return handled;
}

// SYSCALL, SYSENTER and CPUID of x86. A true result of CPUID's means that it has been carried out.
int OnInstruction(uc_engine*, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  uint64_t result = 0;
  return record->engine->Dispatch(record->id, nullptr, 0, &result) && result != 0;
}

uint32_t OnPortIn(uc_engine*, uint32_t port, int size, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {port, static_cast<uint64_t>(size)};
  uint64_t result = 0;
  record->engine->Dispatch(record->id, values, 2, &result);
  return static_cast<uint32_t>(result);
}

void OnPortOut(uc_engine*, uint32_t port, int size, uint32_t value, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {port, static_cast<uint64_t>(size), value};
  record->engine->Dispatch(record->id, values, 3, nullptr);
}

// MRS, MSR, SYS and SYSL of Arm64: true where the instruction has been carried out.
uint32_t OnSystemRegister(uc_engine*, uc_arm64_reg reg, const uc_arm64_cp_reg* system, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {static_cast<uint64_t>(reg), system->crn, system->crm, system->op0,
                             system->op1,                system->op2, system->val};
  uint64_t result = 0;
  return record->engine->Dispatch(record->id, values, 7, &result) && result != 0;
}

void OnEdge(uc_engine*, uc_tb* current, uc_tb* previous, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {current->pc,  current->icount,  current->size,
                             previous->pc, previous->icount, previous->size};
  record->engine->Dispatch(record->id, values, 6, nullptr);
}

void OnOperation(uc_engine*, uint64_t address, uint64_t first, uint64_t second, uint32_t size, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  const uint64_t values[] = {address, first, second, size};
  record->engine->Dispatch(record->id, values, 4, nullptr);
}

constexpr uint64_t kDeviceRead = 0;
constexpr uint64_t kDeviceWrite = 1;

uint64_t OnDeviceRead(uc_engine*, uint64_t offset, unsigned size, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  record->engine->RedoByInstructions(true);
  KeptReads& kept = record->engine->kept_reads();
  const bool runs = record->engine->run().active;
  const uint64_t address = record->begin + offset;
  uint64_t result = 0;
  if (runs && kept.Answer(address, size, &result)) return result;
  const uint64_t values[] = {kDeviceRead, offset, size};
  const bool outer = record->engine->in_device();
  record->engine->set_in_device(true);
  const uint64_t begun = kept.Begin();
  const bool answered = record->engine->Dispatch(record->id, values, 3, &result);
  if (runs && answered) kept.End(begun, address, size, result);
  record->engine->set_in_device(outer);
  return result;
}

void OnDeviceWrite(uc_engine*, uint64_t offset, unsigned size, uint64_t value, void* user) {
  auto* record = static_cast<HookRecord*>(user);
  record->engine->RedoByInstructions(true);
  const uint64_t values[] = {kDeviceWrite, offset, size, value};
  const bool outer = record->engine->in_device();
  record->engine->set_in_device(true);
  record->engine->Dispatch(record->id, values, 4, nullptr);
  record->engine->set_in_device(outer);
}

constexpr int kMemoryHooks = UC_HOOK_MEM_VALID | UC_HOOK_MEM_READ_AFTER | UC_HOOK_MEM_INVALID;

// The library takes any instruction where the architecture has no list of its own, and never calls then.
void* InstructionCallback(int arch, int instruction) {
  if (arch == UC_ARCH_X86) {
    switch (instruction) {
      case UC_X86_INS_IN: return reinterpret_cast<void*>(OnPortIn);
      case UC_X86_INS_OUT: return reinterpret_cast<void*>(OnPortOut);
      case UC_X86_INS_SYSCALL:
      case UC_X86_INS_SYSENTER:
      case UC_X86_INS_CPUID: return reinterpret_cast<void*>(OnInstruction);
    }
  }
  const bool system = arch == UC_ARCH_ARM64 && instruction > UC_ARM64_INS_INVALID && instruction < UC_ARM64_INS_ENDING;
  return system ? reinterpret_cast<void*>(OnSystemRegister) : nullptr;
}

// The library's callback for a combination of hook types, or null where their signatures differ.
void* CallbackFor(int arch, int type, const HookExtra& extra) {
  if (type == UC_HOOK_INSN) return InstructionCallback(arch, extra.first);
  if (type == UC_HOOK_EDGE_GENERATED) return reinterpret_cast<void*>(OnEdge);
  constexpr int kFlags = UC_TCG_OP_FLAG_CMP | UC_TCG_OP_FLAG_DIRECT;
  if (type == UC_HOOK_TCG_OPCODE) {
    const bool known = extra.first == UC_TCG_OP_SUB && (extra.second & ~kFlags) == 0;
    return known ? reinterpret_cast<void*>(OnOperation) : nullptr;
  }
  if (type == UC_HOOK_INTR) return reinterpret_cast<void*>(OnInterrupt);
  if (type == UC_HOOK_INSN_INVALID) return reinterpret_cast<void*>(OnInvalidInstruction);
  if (type == 0) return nullptr;
  if ((type & ~(UC_HOOK_CODE | UC_HOOK_BLOCK)) == 0) return reinterpret_cast<void*>(OnCode);
  if ((type & ~kMemoryHooks) == 0) return reinterpret_cast<void*>(OnMemory);
  return nullptr;
}

}  // namespace

int Engine::AddHook(int type, uint32_t id, uint64_t begin, uint64_t end, const HookExtra& extra) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  void* callback = CallbackFor(arch_, type, extra);
  if (callback == nullptr) return UC_ERR_HOOK;
  const int undefined = DefineFlags();
  if (undefined != UC_ERR_OK) return undefined;
  records_.push_back({this, id, type, 0});
  HookRecord* record = &records_.back();
  uc_err error = uc_hook_add(uc_, &record->handle, type, callback, record, begin, end, extra.first, extra.second);
  if (error != UC_ERR_OK) {
    records_.pop_back();
    return error;
  }
  hooks_[id] = record;
  // Blocks translated earlier contain no call of this hook.
  if (!running_) RemoveCache(0, UINT64_MAX);
  return UC_ERR_OK;
}

int Engine::DeleteHook(uint32_t id) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  auto found = hooks_.find(id);
  if (found == hooks_.end()) return UC_ERR_HOOK;
  uc_err error = uc_hook_del(uc_, found->second->handle);
  hooks_.erase(found);
  if (!running_) RemoveCache(0, UINT64_MAX);
  return error;
}

bool Engine::HasHook(int type) const {
  for (const auto& [id, record] : hooks_) {
    if ((record->type & type) != 0) return true;
  }
  return false;
}

int Engine::MapDevice(uint64_t address, uint64_t size, uint32_t id) {
  if (uc_ == nullptr) return UC_ERR_HANDLE;
  if (size > Memory::kMaxSize) return kErrorTooLarge;
  const int refused = CheckRegions(address, size, false);
  if (refused != UC_ERR_OK) return refused;
  records_.push_back({this, id, 0, 0, address});
  HookRecord* record = &records_.back();
  uc_err error = uc_mmio_map(uc_, address, size, OnDeviceRead, record, OnDeviceWrite, record);
  if (error != UC_ERR_OK) records_.pop_back();
  return error;
}

bool Engine::Dispatch(uint32_t id, const uint64_t* values, size_t count, uint64_t* result) {
  if (call_.failed || call_.dispatch == nullptr) return false;
  kept_reads_.Forget();
  napi_env env = call_.env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value arguments[8];
  napi_value receiver;
  napi_value returned;
  napi_get_undefined(env, &receiver);
  napi_create_uint32(env, id, &arguments[0]);
  for (size_t index = 0; index < count; index++) {
    // Values that a double holds exactly travel as numbers (cheap), others as BigInt.
    if (values[index] <= (uint64_t{1} << 53)) {
      napi_create_double(env, static_cast<double>(values[index]), &arguments[index + 1]);
    } else {
      napi_create_bigint_uint64(env, values[index], &arguments[index + 1]);
    }
  }
  napi_status status =
      napi_call_function(env, receiver, call_.dispatch, count + 1, arguments, &returned);
  if (status != napi_ok) {
    // The exception stays pending and surfaces from the call that runs the guest.
    call_.failed = true;
    run_.Attend();
  } else if (result != nullptr) {
    napi_valuetype type = napi_undefined;
    napi_typeof(env, returned, &type);
    bool lossless = false;
    int64_t number = 0;
    if (type == napi_bigint) {
      napi_get_value_bigint_uint64(env, returned, result, &lossless);
    } else if (type == napi_number && napi_get_value_int64(env, returned, &number) == napi_ok) {
      *result = static_cast<uint64_t>(number);
    }
  }
  napi_close_handle_scope(env, scope);
  // Outside a budgeted run nothing else would stop the guest after an exception.
  if (call_.failed && running_ && !run_.active) uc_emu_stop(uc_);
  return status == napi_ok;
}

}  // namespace unicornjs
