#include "translations.h"

#include <unwind.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "internals.h"

namespace unicornjs {
namespace {

// Where the known release, built for x86-64, keeps what has no name. In the engine:
constexpr size_t kContextPointer = 0x2c0;
// In the object of the CPU:
constexpr size_t kCluster = 0x8194;
// In front of the guest's registers, a word: the upper half is set while the code is asked to return.
constexpr size_t kLeaving = 0x10;
constexpr int32_t kStaying = 0;
constexpr int32_t kReturning = -0x10000;
// In a block of code of 32-bit guests; those of 64-bit ones have eight bytes more in front, and the code another four.
constexpr size_t kSize = 0xC;
constexpr size_t kCode = 0x18;
constexpr size_t kWider = 8;

// Words of each instruction's record (QEMU, TARGET_INSN_START_WORDS).
constexpr int kArmWords = 3;
constexpr int kRiscvWords = 1;

// On x86-64: jmp rel32, and what may lie between a call and it, a move or an extension of the result.
constexpr uint8_t kJump = 0xE9;
constexpr size_t kJumpBytes = 5;
constexpr size_t kLongestMove = 8;

template <typename T>
T At(const uint8_t* bytes, size_t offset) {
  T value;
  memcpy(&value, bytes + offset, sizeof(value));
  return value;
}

int64_t TakeSleb128(const uint8_t*& at) {
  int64_t value = 0;
  int shift = 0;
  uint8_t byte;
  do {
    byte = *at++;
    value |= static_cast<int64_t>(byte & 0x7F) << shift;
    shift += 7;
  } while ((byte & 0x80) != 0);
  if ((byte & 0x40) != 0 && shift < 64) value |= -(int64_t{1} << shift);
  return value;
}

struct Walk {
  const Translations* translations;
  const uint8_t* block;
  const void* host;
};

// Unwinding ends at translated code, which has no unwind tables.
_Unwind_Reason_Code OnFrame(_Unwind_Context* frame, void* user) {
  auto* walk = static_cast<Walk*>(user);
  walk->host = reinterpret_cast<const void*>(_Unwind_GetIP(frame));
  walk->block = walk->translations->BlockAt(walk->host);
  return walk->block == nullptr ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

}  // namespace

std::unique_ptr<Translations> Translations::Find(uc_engine* uc, int arch, int mode) {
#if defined(__x86_64__)
  const bool arm = arch == UC_ARCH_ARM;
  if (!HasKnownInternals() || !(arm || arch == UC_ARCH_RISCV)) return nullptr;
  const bool wide = !arm && mode == UC_MODE_RISCV64;
  const size_t width = wide ? 8 : 4;
  const auto named = [&](const char* name) { return Internal((std::string(name) + (arm ? "_arm" : wide ? "_riscv64" : "_riscv32")).c_str()); };
  std::unique_ptr<Translations> found(new Translations());
  found->lookup_ = reinterpret_cast<const uint8_t* (*)(void*, const void*)>(named("tcg_tb_lookup"));
  found->restore_ = reinterpret_cast<bool (*)(void*, const void*, bool)>(named("cpu_restore_state"));
  found->exit_ = reinterpret_cast<void (*)(void*)>(named("cpu_loop_exit_noexc"));
  found->bytes_ = reinterpret_cast<size_t (*)(void*)>(named("tcg_code_size"));
  found->flush_ = reinterpret_cast<void (*)(void*)>(named("tb_flush"));
  if (found->lookup_ == nullptr || found->restore_ == nullptr || found->exit_ == nullptr || found->bytes_ == nullptr || found->flush_ == nullptr) return nullptr;
  const CpuPlace place = arm ? FindRegisters(uc, UC_ARM_REG_R0, 13, 4) : FindRegisters(uc, UC_RISCV_REG_X1, 31, width);
  if (place.cpu == nullptr) return nullptr;
  // The guest's state begins with r0, or x0.
  uint8_t* state = arm ? place.registers : place.registers - width;
  found->wide_ = wide;
  found->words_ = arm ? kArmWords : kRiscvWords;
  found->cpu_ = place.cpu;
  // R15; on RISC-V behind 32 registers and 32 doubles.
  found->pc_ = state + (arm ? 15 * 4 : 32 * (width + 8));
  found->cluster_ = reinterpret_cast<int32_t*>(place.cpu + kCluster);
  found->usual_ = *found->cluster_;
  found->leaving_ = reinterpret_cast<const int32_t*>(state - kLeaving);
  found->block_words_ = reinterpret_cast<BlockWords*>(state - kLeaving);
  uint8_t byte;
  const bool known = CopyReadable(reinterpret_cast<uint8_t*>(uc) + kContextPointer, &found->context_, sizeof(void*)) == sizeof(void*) &&
                     CopyReadable(found->context_, &byte, 1) == 1 && found->usual_ == -1 && (*found->leaving_ == kStaying || *found->leaving_ == kReturning);
  return known ? std::move(found) : nullptr;
#else
  return nullptr;
#endif
}

const uint8_t* Translations::BlockOnStack(const void** host) {
  Walk walk{this, nullptr, nullptr};
  _Unwind_Backtrace(OnFrame, &walk);
  *host = walk.block == nullptr ? nullptr : PlaceOf(walk.block, static_cast<const uint8_t*>(walk.host));
  return walk.block;
}

// Loads that the library does not find in its TLB call from behind all instructions of the block. They put the value where it belongs, and jump back.
const uint8_t* Translations::PlaceOf(const uint8_t* block, const uint8_t* caller) {
  const size_t code = kCode + (wide_ ? kWider : 0);
  const auto* begin = At<const uint8_t*>(block, code);
  const std::vector<TranslatedInstruction>& instructions = Decode(block);
  if (instructions.empty() || caller <= begin + instructions.back().host_end) return caller;
  for (const uint8_t* at = caller; at < caller + kLongestMove; at++) {
    if (*at == kJump) return at + kJumpBytes + At<int32_t>(at, 1);
  }
  return caller;
}

uint64_t Translations::AddressOf(const uint8_t* block) const { return wide_ ? At<uint64_t>(block, 0) : At<uint32_t>(block, 0); }

unsigned Translations::CountOf(const uint8_t* block) const { return At<uint16_t>(block, kSize + (wide_ ? kWider : 0) + 2); }

// Behind the code of a block lies for each of its instructions, as differences to the one before: its words, and where its code ends.
const std::vector<TranslatedInstruction>& Translations::Decode(const uint8_t* block) {
  const size_t code = kCode + (wide_ ? kWider : 0);
  const uint8_t* at = At<const uint8_t*>(block, code) + At<size_t>(block, code + sizeof(void*));
  decoded_.resize(CountOf(block));
  int64_t host_end = 0;
  int64_t words[kArmWords] = {static_cast<int64_t>(AddressOf(block)), 0, 0};
  for (TranslatedInstruction& instruction : decoded_) {
    for (int word = 0; word < words_; word++) words[word] += TakeSleb128(at);
    host_end += TakeSleb128(at);
    instruction.host_end = static_cast<uint32_t>(host_end);
    instruction.pc = wide_ ? static_cast<uint64_t>(words[0]) : static_cast<uint32_t>(words[0]);
    instruction.it_state = static_cast<uint8_t>(words[1]);
  }
  return decoded_;
}

uint64_t Translations::ReadPc() const { return wide_ ? At<uint64_t>(pc_, 0) : At<uint32_t>(pc_, 0); }

uint64_t Translations::Restore(const void* host) {
  restore_(cpu_, host, true);
  return ReadPc();
}

void Translations::GoOnAt(uint64_t pc) {
  memcpy(pc_, &pc, wide_ ? 8 : 4);
  exit_(cpu_);
  abort();
}

}  // namespace unicornjs
