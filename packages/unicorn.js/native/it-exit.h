// Stops within IT blocks.
#pragma once
#include <unicorn/unicorn.h>

namespace unicornjs {

// Within an IT block a code hook cannot stop: translated code looks for a stop behind the block only. The library has a function that leaves
// translated code at once, as its own faults do.
class ItExit {
 public:
  // Is it there, and does it do so? Tried out on a machine of its own, once for a process.
  static bool Works();
  // In the hook of an instruction, which is then not executed: does not come back. `cpu` is the library's object.
  [[noreturn]] static void Leave(uc_engine* uc, void* cpu);
};

}  // namespace unicornjs
