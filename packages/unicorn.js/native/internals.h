// Functions that the library exports and does not document.
#pragma once
#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>

namespace unicornjs {

// Is this the release whose internals are known? Not where the environment says UNICORN_INTERNALS=off.
bool HasKnownInternals();
// Null where the library does not export it.
void* Internal(const char* name);

// Copies memory that may not be there: as many of `size` bytes as there are, in steps of 1,024, and no fault where they end.
size_t CopyReadable(const void* from, void* to, size_t size);
// The library's CPU object, and the first of some registers in it.
struct CpuPlace {
  uint8_t* cpu = nullptr;
  uint8_t* registers = nullptr;
};

// Finds `count` registers of `width` bytes that follow each other, in the numbers of the public interface and in memory: what is written
// by that interface must be in the object. Both null where it is not; the registers keep their values.
CpuPlace FindRegisters(uc_engine* uc, int first, size_t count, size_t width);

}  // namespace unicornjs
