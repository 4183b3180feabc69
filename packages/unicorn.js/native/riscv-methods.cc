// Methods of the library's RISC-V internals. Values of CSRs travel as 64-bit integers in the scratch page.
#include <algorithm>
#include <cstring>

#include "methods.h"

namespace unicornjs {
namespace {

RiscvInternals* Internals(EngineHandle& handle) { return handle.engine.open() ? handle.engine.riscv() : nullptr; }

}  // namespace

napi_value RiscvInternalsUse(const Arguments& in, EngineHandle& handle) {
  uint64_t entered = 0;
  if (!in.Unsigned(0, "entered", &entered)) return nullptr;
  return Code(in.env(), handle.engine.UseInternals(static_cast<uint32_t>(entered)));
}

napi_value RiscvListen(const Arguments& in, EngineHandle& handle) {
  uint64_t id = 0;
  if (!in.Unsigned(0, "id", &id)) return nullptr;
  RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  cpu->listener = static_cast<uint32_t>(id);
  return Code(in.env(), UC_ERR_OK);
}

napi_value RiscvLog(const Arguments& in, EngineHandle& handle) {
  uint64_t traps = 0;
  if (!in.Unsigned(0, "traps", &traps)) return nullptr;
  RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  cpu->logged = static_cast<uint32_t>(traps);
  return Code(in.env(), UC_ERR_OK);
}

napi_value RiscvCsrRead(const Arguments& in, EngineHandle& handle) {
  int number = 0;
  if (!in.Integer(0, "number", &number)) return nullptr;
  const RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  if (number < 0 || number > 0xFFF) return Code(in.env(), UC_ERR_ARG);
  uint64_t value = 0;
  const bool known = cpu->ReadCsr(number, &value);
  memcpy(handle.scratch, &value, sizeof(value));
  return Code(in.env(), known ? UC_ERR_OK : UC_ERR_ARG);
}

napi_value RiscvCsrWrite(const Arguments& in, EngineHandle& handle) {
  int number = 0;
  uint64_t value = 0;
  if (!in.Integer(0, "number", &number) || !in.Unsigned(1, "value", &value)) return nullptr;
  const RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  if (number < 0 || number > 0xFFF) return Code(in.env(), UC_ERR_ARG);
  return Code(in.env(), cpu->WriteCsr(number, value) ? UC_ERR_OK : UC_ERR_ARG);
}

napi_value RiscvModeRead(const Arguments& in, EngineHandle& handle) {
  const RiscvInternals* cpu = Internals(handle);
  return Code(in.env(), cpu == nullptr ? -1 : static_cast<int>(cpu->Mode()));
}

napi_value RiscvModeWrite(const Arguments& in, EngineHandle& handle) {
  int mode = 0;
  if (!in.Integer(0, "mode", &mode)) return nullptr;
  const RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  // The library ends the process for others.
  if (mode != 0 && mode != 1 && mode != 3) return Code(in.env(), UC_ERR_ARG);
  cpu->SetMode(static_cast<uint64_t>(mode));
  return Code(in.env(), UC_ERR_OK);
}

napi_value RiscvPending(const Arguments& in, EngineHandle& handle) {
  uint64_t mask = 0, value = 0;
  if (!in.Unsigned(0, "mask", &mask) || !in.Unsigned(1, "value", &value)) return nullptr;
  const RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  cpu->SetPending(static_cast<uint32_t>(mask), static_cast<uint32_t>(value));
  return Code(in.env(), UC_ERR_OK);
}

napi_value RiscvFlush(const Arguments& in, EngineHandle& handle) {
  RiscvInternals* cpu = Internals(handle);
  if (cpu == nullptr) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  cpu->FlushTlb();
  return Code(in.env(), UC_ERR_OK);
}

namespace {

// The register of the first argument; null with the error in `code`.
uint64_t* Double(int number, EngineHandle& handle, int* code) {
  if (!handle.engine.open()) *code = UC_ERR_HANDLE;
  else if (handle.engine.arch() != UC_ARCH_RISCV) *code = UC_ERR_ARCH;
  else if (number < 0 || number > 31) *code = UC_ERR_ARG;
  else {
    uint64_t* doubles = handle.engine.Doubles();
    if (doubles != nullptr) return doubles + number;
    *code = UC_ERR_VERSION;
  }
  return nullptr;
}

}  // namespace

napi_value RiscvDoubleRead(const Arguments& in, EngineHandle& handle) {
  int number = 0, code = UC_ERR_OK;
  if (!in.Integer(0, "number", &number)) return nullptr;
  const uint64_t* place = Double(number, handle, &code);
  if (place != nullptr) memcpy(handle.scratch, place, sizeof(*place));
  return Code(in.env(), code);
}

napi_value RiscvDoubleWrite(const Arguments& in, EngineHandle& handle) {
  int number = 0, code = UC_ERR_OK;
  uint64_t value = 0;
  if (!in.Integer(0, "number", &number) || !in.Unsigned(1, "value", &value)) return nullptr;
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  uint64_t* place = Double(number, handle, &code);
  if (place != nullptr) *place = value;
  return Code(in.env(), code);
}

napi_value RiscvWatch(const Arguments& in, EngineHandle& handle) {
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!in.Bytes(0, "instructions", &bytes, &size)) return nullptr;
  if (!handle.engine.open()) return Code(in.env(), UC_ERR_HANDLE);
  if (handle.engine.busy()) return Code(in.env(), kErrorBusy);
  if (handle.engine.arch() != UC_ARCH_RISCV) return Code(in.env(), UC_ERR_ARCH);
  if (size != kWatchedInstructions) return Code(in.env(), UC_ERR_ARG);
  RunState& run = handle.engine.run();
  if (run.watched == nullptr) run.watched = std::make_unique<std::array<uint8_t, kWatchedInstructions>>();
  std::copy(bytes, bytes + size, run.watched->begin());
  handle.engine.ForgetBlocks();
  return Code(in.env(), UC_ERR_OK);
}

}  // namespace unicornjs
