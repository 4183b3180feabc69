#include "internals.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

namespace unicornjs {

bool HasKnownInternals() {
  constexpr unsigned kKnown = 0x020001;
  const char* wish = getenv("UNICORN_INTERNALS");
  if (wish != nullptr && strcmp(wish, "off") == 0) return false;
  return uc_version(nullptr, nullptr) >> 8 == kKnown;
}

void* Internal(const char* name) {
  // The library itself, wherever the loader has put it. That takes a while to find.
  static void* const library = []() -> void* {
    Dl_info info;
    if (dladdr(reinterpret_cast<void*>(&uc_version), &info) == 0) return nullptr;
    return dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  }();
  return library == nullptr ? nullptr : dlsym(library, name);
}

// The kernel is asked to write it into a pipe, and refuses where nothing is mapped.
size_t CopyReadable(const void* from, void* to, size_t size) {
  constexpr size_t kStep = 1024;
  int ends[2];
  if (pipe(ends) != 0) return 0;
  size_t copied = 0;
  while (copied < size) {
    const size_t part = std::min(kStep, size - copied);
    const auto wanted = static_cast<ssize_t>(part);
    if (write(ends[1], static_cast<const uint8_t*>(from) + copied, part) != wanted) break;
    if (read(ends[0], static_cast<uint8_t*>(to) + copied, part) != wanted) break;
    copied += part;
  }
  close(ends[0]);
  close(ends[1]);
  return copied;
}

CpuPlace FindRegisters(uc_engine* uc, int first, size_t count, size_t width) {
  // Where the known release keeps the object, and how much of it is looked through.
  constexpr size_t kCpuPointer = 0x180;
  constexpr size_t kCpuBytes = 0x10000;
  std::vector<uint64_t> kept(count);
  std::vector<uint8_t> pattern(count * width);
  for (size_t n = 0; n < count; n++) {
    uc_reg_read(uc, first + static_cast<int>(n), &kept[n]);
    const uint64_t value = 0x5A3C0000u + n * 0x1234 + 7;
    uc_reg_write(uc, first + static_cast<int>(n), &value);
    memcpy(&pattern[n * width], &value, width);
  }
  // The library makes the object when it is first needed: behind the writes it is there.
  CpuPlace place;
  if (CopyReadable(reinterpret_cast<uint8_t*>(uc) + kCpuPointer, &place.cpu, sizeof(place.cpu)) == sizeof(place.cpu)) {
    // They are where the last object had them, as a rule.
    static thread_local std::map<std::pair<int, size_t>, size_t> offsets;
    size_t& offset = offsets[{first, width}];
    std::vector<uint8_t> object(pattern.size());
    if (offset != 0 && CopyReadable(place.cpu + offset, object.data(), object.size()) == object.size() && object == pattern) {
      place.registers = place.cpu + offset;
    } else {
      object.resize(kCpuBytes);
      const size_t readable = CopyReadable(place.cpu, object.data(), object.size());
      const void* found = memmem(object.data(), readable, pattern.data(), pattern.size());
      offset = found == nullptr ? 0 : static_cast<const uint8_t*>(found) - object.data();
      if (found != nullptr) place.registers = place.cpu + offset;
    }
  }
  for (size_t n = 0; n < count; n++) uc_reg_write(uc, first + static_cast<int>(n), &kept[n]);
  return place.registers == nullptr ? CpuPlace{} : place;
}

}  // namespace unicornjs
