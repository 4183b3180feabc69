// Calls that are ended when they take too long.
#pragma once
#include <node_api.h>

namespace unicornjs {

// call_within(milliseconds, function): calls the function, and whether it returned in time. What it throws passes through; if it is
// late, JavaScript and WebAssembly stop in the middle, and nothing but the call is affected.
napi_value CallWithin(napi_env env, napi_callback_info info);

}  // namespace unicornjs
