#include "buffers.h"

#include <algorithm>

namespace unicornjs {
namespace {

void FinalizeBuffer(napi_env, void*, void* hint) { static_cast<Memory*>(hint)->Release(); }

// The object of a weak reference; null where it has been collected.
napi_value ValueOf(napi_env env, napi_ref reference) {
  napi_value value = nullptr;
  return napi_get_reference_value(env, reference, &value) == napi_ok ? value : nullptr;
}

}  // namespace

napi_value Buffers::Create(napi_env env, Memory* memory) {
  napi_value buffer;
  napi_status status = napi_create_external_arraybuffer(env, memory->base(), memory->size(),
                                                        FinalizeBuffer, memory, &buffer);
  if (status == napi_ok) {
    Add(env, buffer, memory);
    return buffer;
  }
  memory->Release();
  napi_throw_error(env, nullptr, "Unicorn.js: no ArrayBuffer over native memory in this runtime");
  return nullptr;
}

void Buffers::Add(napi_env env, napi_value buffer, Memory* memory) {
  if (entries_.size() >= next_sweep_) DropCollected(env);
  napi_ref reference;
  if (napi_create_reference(env, buffer, 0, &reference) != napi_ok) return;
  memory->Retain();
  entries_.push_back({reference, memory});
}

void Buffers::DetachAll(napi_env env) {
  for (const Entry& entry : entries_) {
    if (!entry.memory->mapped()) {
      napi_value buffer = ValueOf(env, entry.buffer);
      if (buffer != nullptr) napi_detach_arraybuffer(env, buffer);
      entry.memory->Discard();
    }
    Drop(env, entry);
  }
  entries_.clear();
}

void Buffers::Take(napi_env env) {
  for (const Entry& entry : entries_) {
    napi_value buffer = ValueOf(env, entry.buffer);
    if (buffer != nullptr) napi_detach_arraybuffer(env, buffer);
    Drop(env, entry);
  }
  entries_.clear();
}

bool Buffers::Has(const Memory* memory) const {
  return std::any_of(entries_.begin(), entries_.end(), [=](const Entry& entry) { return entry.memory == memory; });
}

void Buffers::Forget(napi_env env) {
  for (const Entry& entry : entries_) Drop(env, entry);
  entries_.clear();
}

void Buffers::Drop(napi_env env, const Entry& entry) {
  napi_delete_reference(env, entry.buffer);
  entry.memory->Release();
}

// An engine that maps or traces again and again keeps only what is still there.
void Buffers::DropCollected(napi_env env) {
  const auto kept = std::partition(entries_.begin(), entries_.end(), [env](const Entry& entry) {
    return ValueOf(env, entry.buffer) != nullptr;
  });
  for (auto entry = kept; entry != entries_.end(); ++entry) Drop(env, *entry);
  entries_.erase(kept, entries_.end());
  next_sweep_ = std::max<size_t>(64, 2 * entries_.size());
}

}  // namespace unicornjs
