#include "context.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

namespace unicornjs {

namespace {

// Of the library's structure: sizes and kind, which nobody changes.
constexpr size_t kHeaderBytes = 16;
constexpr size_t kWordBytes = 8;

struct UnicornCloser {
  void operator()(uc_engine* uc) const { uc_close(uc); }
};
struct ContextFreer {
  void operator()(uc_context* context) const { uc_context_free(context); }
};
using OwnedUnicorn = std::unique_ptr<uc_engine, UnicornCloser>;
using OwnedContext = std::unique_ptr<uc_context, ContextFreer>;

uc_err SaveFresh(uc_arch arch, uc_mode mode, int model, OwnedUnicorn* engine, OwnedContext* context) {
  uc_engine* uc = nullptr;
  uc_err error = uc_open(arch, mode, &uc);
  if (error != UC_ERR_OK) return error;
  engine->reset(uc);
  error = uc_ctl_set_cpu_model(uc, model);
  if (error != UC_ERR_OK) return error;
  uc_context* saved = nullptr;
  error = uc_context_alloc(uc, &saved);
  if (error != UC_ERR_OK) return error;
  context->reset(saved);
  return uc_context_save(uc, saved);
}

// Where saved contexts of such a CPU have pointers of the library: two fresh CPUs differ in nothing else. In words of 64 bits; looked up once.
uc_err FindPointers(uc_engine* uc, uc_arch arch, uc_mode mode, std::vector<size_t>* words) {
  static std::mutex mutex;
  static std::map<std::tuple<int, int, int>, std::vector<size_t>> known;
  int model = 0;
  uc_err error = uc_ctl_get_cpu_model(uc, &model);
  if (error != UC_ERR_OK) return error;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto key = std::make_tuple(int{arch}, int{mode}, model);
  if (known.count(key) == 0) {
    OwnedUnicorn engines[2];
    OwnedContext contexts[2];
    for (int each = 0; each < 2; each++) {
      error = SaveFresh(arch, mode, model, &engines[each], &contexts[each]);
      if (error != UC_ERR_OK) return error;
    }
    const auto* one = reinterpret_cast<const uint8_t*>(contexts[0].get());
    const auto* other = reinterpret_cast<const uint8_t*>(contexts[1].get());
    const size_t size = uc_context_size(engines[0].get());
    std::vector<size_t> found;
    for (size_t at = kHeaderBytes; at + kWordBytes <= size; at += kWordBytes) {
      if (memcmp(one + at, other + at, kWordBytes) != 0) found.push_back(at);
    }
    known[key] = found;
  }
  *words = known[key];
  return UC_ERR_OK;
}

}  // namespace

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
  auto* saved = reinterpret_cast<uint8_t*>(context_);
  std::vector<size_t> kept;
  const uc_err error = FindPointers(engine->uc(), static_cast<uc_arch>(engine->arch()), static_cast<uc_mode>(engine->mode()), &kept);
  if (error != UC_ERR_OK) return error;
  for (size_t at = 0; at < kHeaderBytes; at += kWordBytes) kept.push_back(at);
  for (const size_t word : kept) {
    const size_t from = std::max<size_t>(word, offset);
    const size_t to = std::min<size_t>(word + kWordBytes, offset + size);
    if (from < to && memcmp(saved + from, bytes + (from - offset), to - from) != 0) return kErrorPointer;
  }
  memcpy(saved + offset, bytes, size);
  return UC_ERR_OK;
}

}  // namespace unicornjs
