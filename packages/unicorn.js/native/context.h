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

 private:
  uc_context* context_ = nullptr;
  uint64_t owner_ = 0;
};

}  // namespace unicornjs
