// What lies behind the JavaScript classes Engine and Context, and what methods give back.
#pragma once
#include <node_api.h>

#include <cstddef>
#include <cstdint>

#include "buffers.h"
#include "context.h"
#include "engine.h"

namespace unicornjs {

// Bytes shared with JavaScript for results: register bytes first (the widest register of any
// architecture has 64), then the outcome of a run as doubles, then the state of an M-profile core as words, then those of kept reads, then the log of traps.
constexpr size_t kMProfileOffset = 256;
constexpr size_t kKeptReadsOffset = 512;
static_assert(kMProfileOffset + 4 * kMProfileWords <= kKeptReadsOffset, "the state fits");
constexpr size_t kTrapLogOffset = 1544;
static_assert(kKeptReadsOffset + 4 * KeptReads::kWords <= kTrapLogOffset, "the words fit");
constexpr size_t kScratchSize = kTrapLogOffset + 8 * TrapLog::kDoubles;
constexpr size_t kRegisterBytes = 64;

// A rough size of an open engine, so that the collector feels what forgotten ones cost.
constexpr int64_t kEngineBytes = 8 << 20;

struct EngineHandle {
  Engine engine;
  Buffers buffers;
  // An ArrayBuffer of JavaScript's own, which knows nothing of the engine.
  uint8_t* scratch = nullptr;
  napi_ref scratch_buffer = nullptr;
};

// The constructors.
napi_value NewEngine(napi_env env, napi_callback_info info);
napi_value NewContext(napi_env env, napi_callback_info info);

// Null, and a TypeError thrown, where the object is of another class.
EngineHandle* UnwrapEngine(napi_env env, napi_value object);
Context* UnwrapContext(napi_env env, napi_value object);

napi_value Code(napi_env env, int code);

}  // namespace unicornjs
