// Checks every memory access of the guest while it runs, without calling JavaScript: each must lie in
// a range that the code's owner may access, and on the stack in the active function's own frame.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "memory.h"
#include "run.h"

namespace unicornjs {

// The numbers are part of the interface with src/guard.ts.
enum class Violation : int {
  kNone = 0,
  // No range of the owner allows the access.
  kOutside = 1,
  // At or above the end of the active frame: the caller's.
  kFrame = 2,
  // Written below the stack pointer, where an interrupt may push.
  kBelowStack = 3,
  kMisaligned = 4,
};

struct GuardFunction {
  // Bytes of stack arguments that the function pops when it returns.
  uint32_t argument_bytes;
  uint32_t owner;
};

// Guest addresses [begin, end), and what each kind of code may do there: bits 2k (read) and 2k + 1
// (write) for kind k.
struct GuardRange {
  uint32_t begin;
  uint32_t end;
  uint32_t rights;
};

struct GuardReport {
  Violation violation = Violation::kNone;
  bool is_write = false;
  uint64_t pc = 0;
  uint64_t address = 0;
  int size = 0;
};

struct GuardSetup {
  Range code;
  Range stack;
  // Is a misaligned access a violation?
  bool aligned;
};

struct Guard {
  // What the code is (`marks`, a byte for every halfword of it): bits 0 and 1 its kind, 0 also for
  // everything outside; bit 7 is set where a function begins.
  static constexpr uint8_t kKind = 3;
  // The kind of code that accesses memory on behalf of a wasm load or store.
  static constexpr uint8_t kWasmAccess = 2;
  static constexpr uint8_t kEntry = 0x80;

  Range code;
  Memory* marks = nullptr;
  Range stack;
  bool aligned = false;
  int sp_register = 0;
  int link_register = 0;
  std::unordered_map<uint32_t, GuardFunction> functions;
  // By owner, sorted by address. The first is the owner of what runs outside of all functions.
  std::vector<std::vector<GuardRange>> owners;

  // An activation: where its frame ends (sp behind its return), where it returns to.
  struct Frame {
    uint64_t end;
    uint64_t return_address;
    uint32_t owner;
  };
  std::vector<Frame> frames;
  uint64_t pc = 0;
  // The lowest store below the stack pointer: right if the stack pointer follows, as in a push.
  bool pending = false;
  GuardReport below;
  GuardReport first;
};

}  // namespace unicornjs
