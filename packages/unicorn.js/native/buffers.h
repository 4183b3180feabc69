// ArrayBuffers over native memory that one engine has given to JavaScript, or taken from it.
#pragma once
#include <node_api.h>

#include <cstddef>
#include <vector>

#include "memory.h"

namespace unicornjs {

// The runtime calls the finalizers of ArrayBuffers between two turns of the event loop only: a program
// that opens and closes engines within one turn would pile up all their memory. So a closed engine
// detaches its buffers and gives the memory back itself.
class Buffers {
 public:
  // An ArrayBuffer over `memory`, whose reference it takes over; null, and an error thrown, where the
  // runtime makes none.
  napi_value Create(napi_env env, Memory* memory);
  // A buffer that exists.
  void Add(napi_env env, napi_value buffer, Memory* memory);
  // For a closed engine: detaches the buffers whose memory no open engine maps, and frees that.
  void DetachAll(napi_env env);
  // For an engine that goes on: detaches all of them.
  void Take(napi_env env);
  bool Has(const Memory* memory) const;
  // Forgets the buffers: who still has one keeps it.
  void Forget(napi_env env);

 private:
  struct Entry {
    // Weak: an engine keeps no JavaScript objects alive.
    napi_ref buffer;
    Memory* memory;
  };
  void Drop(napi_env env, const Entry& entry);
  void DropCollected(napi_env env);

  std::vector<Entry> entries_;
  size_t next_sweep_ = 64;
};

}  // namespace unicornjs
