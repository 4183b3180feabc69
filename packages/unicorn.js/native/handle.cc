#include "handle.h"

#include "values.h"

namespace unicornjs {
namespace {

constexpr napi_type_tag kEngineTag = {0x6669726562616c6c, 0x756e69636f726e01};
constexpr napi_type_tag kContextTag = {0x6669726562616c6c, 0x756e69636f726e02};

template <typename T>
T* Unwrap(napi_env env, napi_value object, const napi_type_tag& tag) {
  bool matches = false;
  void* pointer = nullptr;
  if (napi_check_object_type_tag(env, object, &tag, &matches) != napi_ok || !matches ||
      napi_unwrap(env, object, &pointer) != napi_ok) {
    napi_throw_type_error(env, nullptr, "Unicorn.js: not an object of this library");
    return nullptr;
  }
  return static_cast<T*>(pointer);
}

void FinalizeEngine(napi_env env, void* data, void*) {
  auto* handle = static_cast<EngineHandle*>(data);
  // A process that ends inside a hook still has the guest on its stack: leave it alone.
  if (handle->engine.busy()) return;
  int64_t total = 0;
  if (handle->engine.open()) napi_adjust_external_memory(env, -kEngineBytes, &total);
  handle->buffers.Forget(env);
  napi_delete_reference(env, handle->scratch_buffer);
  delete handle;
}

void FinalizeContext(napi_env, void* data, void*) { delete static_cast<Context*>(data); }

}  // namespace

napi_value NewEngine(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "Unicorn");
  auto* handle = new EngineHandle();
  napi_value scratch;
  if (napi_create_arraybuffer(env, kScratchSize, reinterpret_cast<void**>(&handle->scratch), &scratch) != napi_ok ||
      napi_create_reference(env, scratch, 1, &handle->scratch_buffer) != napi_ok) {
    delete handle;
    napi_throw_error(env, nullptr, "Unicorn.js: the host has no memory for an engine");
    return nullptr;
  }
  handle->engine.kept_reads().Share(reinterpret_cast<uint32_t*>(handle->scratch + kKeptReadsOffset));
  handle->engine.trap_log().Share(reinterpret_cast<double*>(handle->scratch + kTrapLogOffset));
  napi_wrap(env, arguments.self(), handle, FinalizeEngine, nullptr, nullptr);
  napi_type_tag_object(env, arguments.self(), &kEngineTag);
  return arguments.self();
}

napi_value NewContext(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "Context");
  napi_wrap(env, arguments.self(), new Context(), FinalizeContext, nullptr, nullptr);
  napi_type_tag_object(env, arguments.self(), &kContextTag);
  return arguments.self();
}

EngineHandle* UnwrapEngine(napi_env env, napi_value object) {
  return Unwrap<EngineHandle>(env, object, kEngineTag);
}

Context* UnwrapContext(napi_env env, napi_value object) {
  return Unwrap<Context>(env, object, kContextTag);
}

napi_value Code(napi_env env, int code) {
  napi_value value;
  napi_create_int32(env, code, &value);
  return value;
}

}  // namespace unicornjs
