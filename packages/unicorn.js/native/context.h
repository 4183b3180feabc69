// A saved CPU state.
#pragma once
#include <unicorn/unicorn.h>

#include "engine.h"

namespace unicornjs {

// Belongs to the engine that it was saved from: the library copies the raw CPU state back without
// any check, so that another engine's state would be memory corruption.
class Context {
 public:
  Context() = default;
  ~Context() { Free(); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  int Save(Engine* engine);
  int Restore(Engine* engine) const;
  int Free();
  int RegRead(int id, void* value) const;
  int RegWrite(Engine* engine, int id, const void* value);
  // The library's structure as bytes. `size` must be what the library says of it.
  int Bytes(Engine* engine, uint8_t* bytes, size_t size) const;
  int Patch(Engine* engine, uint64_t offset, const uint8_t* bytes, size_t size);

 private:
  uc_context* context_ = nullptr;
  uint64_t owner_ = 0;
};

}  // namespace unicornjs
