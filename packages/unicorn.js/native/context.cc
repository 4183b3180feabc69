#include "context.h"

namespace unicornjs {

int Context::Save(Engine* engine) {
  if (!engine->open()) return UC_ERR_HANDLE;
  if (context_ != nullptr && owner_ != engine->serial()) return UC_ERR_ARG;
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

}  // namespace unicornjs
