#include "context.h"

#include <cstring>

namespace unicornjs {

int Context::Save(Engine* engine) {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (context_ != nullptr && owner_ != engine->serial()) return UC_ERR_ARG;
  const int undefined = engine->DefineFlags();
  if (undefined != UC_ERR_OK) return undefined;
  if (context_ == nullptr) {
    uc_err error = uc_context_alloc(engine->uc(), &context_);
    if (error != UC_ERR_OK) return error;
    owner_ = engine->serial();
  }
  return uc_context_save(engine->uc(), context_);
}

int Context::Restore(Engine* engine) const {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (engine->running()) return kErrorBusy;
  if (context_ == nullptr || owner_ != engine->serial()) return UC_ERR_ARG;
  return uc_context_restore(engine->uc(), context_);
}

int Context::Free() {
  if (context_ == nullptr) return UC_ERR_OK;
  uc_err error = uc_context_free(context_);
  context_ = nullptr;
  return error;
}

int Context::RegRead(int id, void* value) const {
  return context_ == nullptr ? UC_ERR_ARG : uc_context_reg_read(context_, id, value);
}

// By way of the engine: uc_context_reg_write follows pointers that a saved state does not have (Arm's PC, for one).
int Context::RegWrite(Engine* engine, int id, const void* value) {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (engine->running()) return kErrorBusy;
  if (context_ == nullptr || owner_ != engine->serial()) return UC_ERR_ARG;
  uc_context* current = nullptr;
  uc_err error = uc_context_alloc(engine->uc(), &current);
  if (error != UC_ERR_OK) return error;
  error = uc_context_save(engine->uc(), current);
  if (error == UC_ERR_OK) error = uc_context_restore(engine->uc(), context_);
  int written = error;
  if (error == UC_ERR_OK) {
    written = engine->RegWrite(id, value);
    uc_context_save(engine->uc(), context_);
    uc_context_restore(engine->uc(), current);
  }
  uc_context_free(current);
  return written;
}

int Context::Bytes(Engine* engine, uint8_t* bytes, size_t size) const {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (context_ == nullptr || owner_ != engine->serial() || size > uc_context_size(engine->uc())) return UC_ERR_ARG;
  memcpy(bytes, context_, size);
  return UC_ERR_OK;
}

int Context::Patch(Engine* engine, uint64_t offset, const uint8_t* bytes, size_t size) {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (context_ == nullptr || owner_ != engine->serial()) return UC_ERR_ARG;
  const size_t most = uc_context_size(engine->uc());
  if (offset > most || size > most - offset) return UC_ERR_ARG;
  memcpy(reinterpret_cast<uint8_t*>(context_) + offset, bytes, size);
  return UC_ERR_OK;
}

}  // namespace unicornjs
