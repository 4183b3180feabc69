// Reading arguments of native methods. Each reader throws a TypeError that names the argument and
// returns false where the value does not fit.
#pragma once
#include <node_api.h>

#include <cstdint>

namespace unicornjs {

// The arguments of one call, and the method's name for messages.
class Arguments {
 public:
  static constexpr size_t kMaxCount = 8;
  Arguments(napi_env env, napi_callback_info info, const char* method);

  napi_env env() const { return env_; }
  napi_value self() const { return self_; }
  napi_value at(size_t index) const { return values_[index]; }

  // A non-negative integer: a number up to 2^53 or a bigint below 2^64.
  bool Unsigned(size_t index, const char* name, uint64_t* value) const;
  // A 32-bit integer of either sign.
  bool Integer(size_t index, const char* name, int* value) const;
  bool Function(size_t index, const char* name, napi_value* value) const;
  // Bytes of a Uint8Array.
  bool Bytes(size_t index, const char* name, uint8_t** data, size_t* size) const;
  // First byte and size of an ArrayBuffer.
  bool Buffer(size_t index, const char* name, void** data, size_t* size) const;

 private:
  bool Refuse(const char* name, const char* expected) const;

  napi_env env_;
  const char* method_;
  napi_value self_ = nullptr;
  napi_value values_[kMaxCount] = {};
};

}  // namespace unicornjs
