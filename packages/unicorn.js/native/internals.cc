#include "internals.h"

#include <dlfcn.h>
#include <unicorn/unicorn.h>

#include <cstdlib>
#include <cstring>

namespace unicornjs {

bool HasKnownInternals() {
  constexpr unsigned kKnown = 0x020001;
  const char* wish = getenv("UNICORN_INTERNALS");
  if (wish != nullptr && strcmp(wish, "off") == 0) return false;
  return uc_version(nullptr, nullptr) >> 8 == kKnown;
}

void* Internal(const char* name) {
  // The library itself, wherever the loader has put it.
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&uc_version), &info) == 0) return nullptr;
  static void* library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return library == nullptr ? nullptr : dlsym(library, name);
}

}  // namespace unicornjs
