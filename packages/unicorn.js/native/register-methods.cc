// Methods of registers and of saved contexts. Values travel through the scratch bytes, many of them in slots as wide as
// the widest register.
#include <cstring>
#include <vector>

#include "methods.h"

namespace unicornjs {
namespace {

// Register ids as little-endian words, and a slot for each.
struct Batch {
  std::vector<int> ids;
  std::vector<void*> slots;
  bool Read(const Arguments& in) {
    uint8_t* words = nullptr;
    uint8_t* values = nullptr;
    size_t word_bytes = 0, value_bytes = 0;
    if (!in.Bytes(0, "regids", &words, &word_bytes) || !in.Bytes(1, "values", &values, &value_bytes)) return false;
    ids.resize(word_bytes / sizeof(int));
    if (ids.size() * kRegisterBytes > value_bytes) ids.resize(value_bytes / kRegisterBytes);
    memcpy(ids.data(), words, ids.size() * sizeof(int));
    for (size_t index = 0; index < ids.size(); index++) slots.push_back(values + index * kRegisterBytes);
    return true;
  }
};

}  // namespace

napi_value RegRead(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // Registers narrower than what is asked for read as zero-extended.
  memset(handle.scratch, 0, kRegisterBytes);
  return Code(in.env(), uc_reg_read(handle.engine.uc(), id, handle.scratch));
}

// Of a register that is many: the scratch bytes say which (`uc_x86_msr`, `uc_arm_cp_reg`, `uc_arm64_cp_reg`).
napi_value RegReadRequest(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  return Code(in.env(), uc_reg_read(handle.engine.uc(), id, handle.scratch));
}

napi_value RegWrite(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  if (!in.Integer(0, "regid", &id)) return nullptr;
  return Code(in.env(), handle.engine.RegWrite(id, handle.scratch));
}

napi_value RegReadBatch(const Arguments& in, EngineHandle& handle) {
  Batch batch;
  if (!batch.Read(in)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  return Code(in.env(), uc_reg_read_batch(handle.engine.uc(), batch.ids.data(), batch.slots.data(),
                                          static_cast<int>(batch.ids.size())));
}

napi_value RegWriteBatch(const Arguments& in, EngineHandle& handle) {
  Batch batch;
  if (!batch.Read(in)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  // One by one: what is checked for one register is checked here too, and the first refusal is told.
  for (size_t index = 0; index < batch.ids.size(); index++) {
    const int error = handle.engine.RegWrite(batch.ids[index], batch.slots[index]);
    if (error != UC_ERR_OK) return Code(in.env(), error);
  }
  return Code(in.env(), UC_ERR_OK);
}

napi_value ContextSave(const Arguments& in, EngineHandle& handle) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Save(&handle.engine));
}

napi_value ContextRestore(const Arguments& in, EngineHandle& handle) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Restore(&handle.engine));
}

napi_value ContextFree(const Arguments& in, EngineHandle&) {
  auto* context = UnwrapContext(in.env(), in.at(0));
  return context == nullptr ? nullptr : Code(in.env(), context->Free());
}

napi_value ContextRegRead(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  auto* context = UnwrapContext(in.env(), in.at(0));
  if (context == nullptr || !in.Integer(1, "regid", &id)) return nullptr;
  memset(handle.scratch, 0, kRegisterBytes);
  return Code(in.env(), context->RegRead(id, handle.scratch));
}

napi_value ContextRegWrite(const Arguments& in, EngineHandle& handle) {
  int id = 0;
  auto* context = UnwrapContext(in.env(), in.at(0));
  if (context == nullptr || !in.Integer(1, "regid", &id)) return nullptr;
  return Code(in.env(), context->RegWrite(&handle.engine, id, handle.scratch));
}

napi_value ContextBytes(const Arguments& in, EngineHandle& handle) {
  Context* context = UnwrapContext(in.env(), in.at(0));
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (context == nullptr || !in.Bytes(1, "bytes", &bytes, &size)) return nullptr;
  return Code(in.env(), context->Bytes(&handle.engine, bytes, size));
}

napi_value ContextPatch(const Arguments& in, EngineHandle& handle) {
  Context* context = UnwrapContext(in.env(), in.at(0));
  uint64_t offset = 0;
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (context == nullptr || !in.Unsigned(1, "offset", &offset) || !in.Bytes(2, "bytes", &bytes, &size)) return nullptr;
  return Code(in.env(), context->Patch(&handle.engine, offset, bytes, size));
}

napi_value ContextSize(const Arguments& in, EngineHandle& handle) {
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  const uint64_t size = uc_context_size(handle.engine.uc());
  memcpy(handle.scratch, &size, sizeof(size));
  return Code(in.env(), UC_ERR_OK);
}

}  // namespace unicornjs
