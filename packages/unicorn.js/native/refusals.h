// Texts of the codes that unicorn.js has beside libunicorn's.
#pragma once
#include "engine.h"

namespace unicornjs {

inline const char* ErrorText(int code) {
  switch (code) {
    case kErrorBusy:
      return "The engine is running (call this between runs)";
    case kErrorRegions:
      return "Too many memory regions for the library (map fewer and larger ones)";
    case kErrorTooLarge:
      return "The region is larger than 4 GiB";
    case kErrorExits:
      return "run() ends by its budget: disable exits first";
    case kErrorPc:
      return "The program counter is not aligned";
    case kErrorInDevice:
      return "The address space cannot change while a device is accessed (change it between runs or in a hook)";
    case kErrorTranslation:
      return "Only an Arm, RISC-V or x86 that does not translate addresses can be asked for code";
    case kErrorNoAccess:
      return "Only a device that the guest accesses in run() can refuse an access";
    case kErrorPointer:
      return "A saved context's pointers belong to the state that it was saved from (change its other fields, or restore it as it is)";
    default:
      return uc_strerror(static_cast<uc_err>(code));
  }
}

}  // namespace unicornjs
