// Functions that the library exports and does not document.
#pragma once

namespace unicornjs {

// Is this the release whose internals are known? Not where the environment says UNICORN_INTERNALS=off.
bool HasKnownInternals();
// Null where the library does not export it.
void* Internal(const char* name);

}  // namespace unicornjs
