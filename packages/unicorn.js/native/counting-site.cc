#include "counting-site.h"

#include <cstring>
#include <initializer_list>

namespace unicornjs {
namespace {

// What the library makes: the arguments of the hook, the call of it, and a look whether translated code is to return.
//   mov edi, engine, or mov rdi, ..; mov esi, address; mov edx, size; mov rcx, user; call [rip + ..], or call ..
//   mov ebx, [rbp - 16]; test ebx, ebx; jl ..
constexpr size_t kLongCall = 6, kShortCall = 5;
constexpr size_t kLongArguments = 30, kShortArguments = 25;
constexpr uint8_t kLook[] = {0x8B, 0x5D, 0xF0, 0x85, 0xDB, 0x0F, 0x8C};
constexpr size_t kLookBytes = 11;
static_assert(CountingSite::kChanged == kShortArguments);

// Where the words of block-counts.h are, from rbp.
constexpr uint8_t kLeft = 0xF0, kOutside = 0xF4, kBefore = 0xF8, kLast = 0xFC;
// Where the number of a block that counts itself is, from the beginning.
constexpr size_t kNumber = 17;
constexpr uint8_t kCounts[] = {0x83, 0x6D, kLeft};

size_t CallBefore(const uint8_t* caller) {
  if (caller[-6] == 0xFF && caller[-5] == 0x15) return kLongCall;
  return caller[-5] == 0xE8 ? kShortCall : 0;
}

// Bytes of the arguments; 0: they are none.
size_t ArgumentsBefore(const uint8_t* call) {
  if (call[-10] != 0x48 || call[-9] != 0xB9 || call[-15] != 0xBA || call[-20] != 0xBE) return 0;
  if (call[-30] == 0x48 && call[-29] == 0xBF) return kLongArguments;
  return call[-25] == 0xBF ? kShortArguments : 0;
}

class Writer {
 public:
  explicit Writer(CountingSite::Bytes* bytes) : bytes_(bytes) {}
  void Put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) (*bytes_)[at_++] = static_cast<uint8_t>(byte);
  }
  // Of a jump of two bytes that comes next.
  int DistanceTo(size_t target) const { return static_cast<int>(target - at_ - 2); }

 private:
  CountingSite::Bytes* bytes_;
  size_t at_ = 0;
};

CountingSite::Bytes Code(const SelfCount& count, size_t arguments, size_t call) {
  CountingSite::Bytes bytes{};
  Writer code(&bytes);
  const int low = count.number & 0xFF, high = count.number >> 8;
  code.Put({0x83, 0x6D, kLeft, count.instructions});                // sub dword [left], instructions
  code.Put({0x78, code.DistanceTo(arguments)});                     // js call
  if (count.inside) {
    code.Put({0x8B, 0x45, kLast, 0x89, 0x45, kBefore});             // mov eax, [last]; mov [before], eax
    code.Put({0xC7, 0x45, kLast, 0, 0, low, high});                 // mov dword [last], number << 16
  } else {
    code.Put({0x0F, 0xB7, 0x45, kLast, 0x89, 0x45, kBefore});       // movzx eax, word [last]; mov [before], eax
    code.Put({0x66, 0xC7, 0x45, kLast, low, high});                 // mov word [last], number
    code.Put({0x83, 0x45, kOutside, count.instructions});           // add dword [outside], instructions
  }
  code.Put({0xEB, code.DistanceTo(arguments + call + kLookBytes)});  // jmp behind the look
  return bytes;
}

}  // namespace

bool CountingSite::Install(uint8_t* caller, const SelfCount& count, Bytes* before) {
  const size_t call = CallBefore(caller);
  const size_t arguments = call == 0 ? 0 : ArgumentsBefore(caller - call);
  if (arguments == 0 || memcmp(caller, kLook, sizeof(kLook)) != 0) return false;
  uint8_t* begin = caller - call - arguments;
  memcpy(before->data(), begin, kChanged);
  memcpy(begin, Code(count, arguments, call).data(), kChanged);
  return true;
}

void CountingSite::Remove(uint8_t* caller, const SelfCount& count, const Bytes& before) {
  const size_t call = CallBefore(caller);
  if (call == 0) return;
  for (const size_t arguments : {kLongArguments, kShortArguments}) {
    uint8_t* begin = caller - call - arguments;
    if (memcmp(begin, Code(count, arguments, call).data(), kChanged) == 0) memcpy(begin, before.data(), kChanged);
  }
}

uint16_t CountingSite::NumberAt(const uint8_t* caller) {
  const size_t call = CallBefore(caller);
  for (const size_t arguments : {kLongArguments, kShortArguments}) {
    const uint8_t* begin = caller - call - arguments;
    if (call != 0 && memcmp(begin, kCounts, sizeof(kCounts)) == 0) return static_cast<uint16_t>(begin[kNumber] | begin[kNumber + 1] << 8);
  }
  return 0;
}

}  // namespace unicornjs
