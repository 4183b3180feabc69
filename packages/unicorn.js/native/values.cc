#include "values.h"

#include <cmath>
#include <string>

namespace unicornjs {
namespace {

constexpr double kMaxExact = 9007199254740992.0;  // 2^53

napi_valuetype TypeOf(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type;
}

bool IntegralNumber(napi_env env, napi_value value, double* number) {
  return TypeOf(env, value) == napi_number &&
         napi_get_value_double(env, value, number) == napi_ok && std::trunc(*number) == *number;
}

}  // namespace

Arguments::Arguments(napi_env env, napi_callback_info info, const char* method)
    : env_(env), method_(method) {
  size_t count = kMaxCount;
  // Missing arguments read as undefined.
  napi_get_cb_info(env, info, &count, values_, &self_, nullptr);
}

bool Arguments::Refuse(const char* name, const char* expected) const {
  const std::string message =
      std::string("Unicorn.js: ") + method_ + ": " + name + " must be " + expected;
  napi_throw_type_error(env_, nullptr, message.c_str());
  return false;
}

bool Arguments::Unsigned(size_t index, const char* name, uint64_t* value) const {
  double number = 0;
  if (IntegralNumber(env_, values_[index], &number) && number >= 0 && number <= kMaxExact) {
    *value = static_cast<uint64_t>(number);
    return true;
  }
  bool lossless = false;
  if (TypeOf(env_, values_[index]) == napi_bigint &&
      napi_get_value_bigint_uint64(env_, values_[index], value, &lossless) == napi_ok && lossless) {
    return true;
  }
  return Refuse(name, "a non-negative integer (number up to 2^53, or bigint)");
}

bool Arguments::Integer(size_t index, const char* name, int* value) const {
  double number = 0;
  if (IntegralNumber(env_, values_[index], &number) && number >= -2147483648.0 &&
      number <= 2147483647.0) {
    *value = static_cast<int>(number);
    return true;
  }
  return Refuse(name, "a 32-bit integer");
}

bool Arguments::Function(size_t index, const char* name, napi_value* value) const {
  *value = values_[index];
  return TypeOf(env_, values_[index]) == napi_function || Refuse(name, "a function");
}

bool Arguments::Bytes(size_t index, const char* name, uint8_t** data, size_t* size) const {
  bool is_array = false;
  napi_is_typedarray(env_, values_[index], &is_array);
  if (!is_array) return Refuse(name, "a Uint8Array");
  napi_typedarray_type type;
  void* bytes = nullptr;
  napi_value buffer;
  size_t offset = 0;
  napi_get_typedarray_info(env_, values_[index], &type, size, &bytes, &buffer, &offset);
  if (type != napi_uint8_array) return Refuse(name, "a Uint8Array");
  *data = static_cast<uint8_t*>(bytes);
  if (bytes == nullptr) *size = 0;
  return true;
}

bool Arguments::Buffer(size_t index, const char* name, void** data, size_t* size) const {
  bool is_buffer = false;
  napi_is_arraybuffer(env_, values_[index], &is_buffer);
  if (!is_buffer) return Refuse(name, "an ArrayBuffer");
  napi_get_arraybuffer_info(env_, values_[index], data, size);
  return true;
}

}  // namespace unicornjs
