// One emulated CPU with its address space, and everything that must live as long as it does.
#pragma once
#include <node_api.h>
#include <unicorn/unicorn.h>

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "blocks.h"
#include "fast-stores.h"
#include "guard.h"
#include "kept-reads.h"
#include "memory.h"
#include "riscv.h"
#include "run.h"
#include "trap-log.h"

namespace unicornjs {

// Beside libunicorn's error codes, where the library would end the process or never come back (refusals.h has the texts).
// A call that would pull the floor from under the running guest.
constexpr int kErrorBusy = -1;
// One more region than the library's table of sections takes.
constexpr int kErrorRegions = -2;
// The library visits every page of a region when it goes.
constexpr int kErrorTooLarge = -3;
// run() ends by its budget and not at exits.
constexpr int kErrorExits = -4;
// A program counter from which the library cannot translate.
constexpr int kErrorPc = -5;
// The library goes on with the access, by the address space that it had.
constexpr int kErrorInDevice = -6;
// A fault while the library translates for the host has nowhere to go.
constexpr int kErrorTranslation = -7;

// An M-profile access of a device that the device refuses, or what is not inside of a run (run_abort).
constexpr int kErrorNoAccess = -8;
constexpr int kErrorPointer = -9;

class Engine;

// Words of the state that exceptions of Arm's M-profile are about: R0 to R12, then these. The interface with src/m-profile.ts.
enum MProfileWord {
  kMsp = 13,
  kLr = 14,
  kPc = 15,
  kPsp = 16,
  kXpsr = 17,
  kControl = 18,
  kPrimask = 19,
  kBasepri = 20,
  kFaultmask = 21,
  kFpscr = 22,
  // S0 to S31.
  kFloats = 24,
  kMProfileWords = 56,
};

// What a hook or an MMIO region tells JavaScript: `id` names the callback on that side.
struct HookRecord {
  Engine* engine;
  uint32_t id;
  int type;
  uc_hook handle;
  // Of an MMIO region.
  uint64_t begin = 0;
};

// What some hooks are about: an instruction, or an operation of the code generator and its flags.
struct HookExtra {
  int first = 0;
  int second = 0;
};

// Guest addresses [begin, end) backed by `memory` from `offset` on.
struct Mapping {
  uint64_t begin;
  uint64_t end;
  Memory* memory;
  uint64_t offset;
};

class Engine {
 public:
  Engine() = default;
  ~Engine() { Close(); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  int Open(int arch, int mode);
  int Close();
  // Makes all of its memory zeros, and what runs have left what it was when the engine was opened; mappings, registers and translated code stay.
  // UC_ERR_RESOURCE: it has hooks, devices, memory of another engine, or something else that is not taken back, or so much translated code that a new
  // engine is worth more.
  int Recycle();
  bool open() const { return uc_ != nullptr; }
  bool running() const { return running_; }
  // Is the library on the stack?
  bool busy() const { return running_ || in_device_; }
  uc_engine* uc() const { return uc_; }
  // Differs for every opened engine of the process.
  uint64_t serial() const { return serial_; }
  int arch() const { return arch_; }
  int mode() const { return mode_; }
  bool is_arm() const { return arch_ == UC_ARCH_ARM; }

  // Before any other call on the library.
  int SetCpuModel(int model);
  int RegWrite(int id, const void* value);
  // Gives the CPU flags where the library opens it without. To be called before a guest can run or its state is saved.
  int DefineFlags();

  // Memory (engine.cc). `memory` gains a reference on success.
  int Map(uint64_t address, uint64_t size, uint32_t permissions, Memory* memory, uint64_t offset);
  int Unmap(uint64_t address, uint64_t size);
  // What all of [address, address + size), which was mapped at once, is backed by, from its beginning on; null where it is not.
  Memory* MappedAt(uint64_t address, uint64_t size) const;
  int Protect(uint64_t address, uint64_t size, uint32_t permissions);
  int MapDevice(uint64_t address, uint64_t size, uint32_t id);
  int Read(uint64_t address, uint8_t* bytes, size_t size);
  int Write(uint64_t address, const uint8_t* bytes, size_t size);
  // From now on: memory that is mapped writable and executable gets fast stores (fast-stores.h). An error where the library is not the one
  // whose internals are known.
  int UseFastStores();
  FastStores* fast_stores() const { return fast_stores_.get(); }
  // Stop where `ctl_set_exits` says, instead of where a start says?
  int UseExits(bool enabled);
  // Translates the block at an address.
  int RequestCache(uint64_t address, uc_tb* block);
  // Drops translated code of [begin, end), whatever its permissions are now.
  int RemoveCache(uint64_t begin, uint64_t end);
  // Host address of the halfword at a guest address; null where that is no mapped memory.
  const uint8_t* HostHalfword(uint64_t address) {
    // Thumb halfwords are aligned and so are mappings: the second byte is inside too.
    if (!run_.window.range.Contains(address) && !FindWindow(address)) return nullptr;
    return run_.window.host + (address - run_.window.range.begin);
  }

  // Hooks (hooks.cc).
  int AddHook(int type, uint32_t id, uint64_t begin, uint64_t end, const HookExtra& extra);
  int DeleteHook(uint32_t id);
  bool HasHook(int type) const;

  // Execution (run.cc).
  int Start(uint64_t begin, uint64_t until, uint64_t timeout, uint64_t count);
  int RunFor(uint64_t pc, uint64_t budget);
  void Stop();
  // Of the access of a device that is going on: it faults, and its instruction has no effect.
  int Abort(int type, uint64_t address, int size);
  // Stops a run at what `checks` says (run.h).
  int Watch(uint32_t checks);
  // Has a Cortex-M3 run as the library's Armv6-M cores do (m-profile.cc). An error where the library's internals are not those that are known.
  int UseBaseline();
  // In these pages, by their first addresses, the MPU is asked about every access of later runs (arm-mpu.cc).
  int Divide(const uint32_t* pages, size_t count);
  // M-profile state (m-profile.cc), `floats` with the FPU's.
  int ReadMProfile(uint32_t* words, bool floats);
  int WriteMProfile(const uint32_t* words, bool floats);
  // Has stores of STREX fail until the next LDREX. `offset`: of the monitor's address in the library's state, in which R0 comes first. An error where that
  // state is not found.
  int ClearExclusive(uint32_t offset);
  RunState& run() { return run_; }
  // Null where the library's internals are not those that are known, and before the first run.
  Blocks* blocks() const { return blocks_.get(); }
  bool CanCountByBlocks() const;
  // What instructions a run has to look at has changed.
  void ForgetBlocks() {
    if (blocks_ != nullptr) blocks_->Forget();
  }
  // In a hook of an access: where the run counts by blocks, the access is made again, counted by instructions (blocks.h).
  void RedoByInstructions(bool of_device);
  void SettleInterrupt(uint32_t number);
  // The state of the run has what translated code has counted by itself.
  void CollectCounts() {
    if (blocks_ != nullptr) blocks_->Collect();
  }
  // RISC-V (riscv.cc): finds the library's internals; an error where they are not those that are known.
  int UseInternals(uint32_t entered);
  RiscvInternals* riscv() const { return riscv_.get(); }
  // Arm: R0 to R15 as the library holds them while the guest runs; null where they are not found.
  const uint32_t* ArmRegisters() const { return arm_registers_; }
  // The library's object of the CPU, where runs can leave IT blocks (it-exit.h); null where they cannot.
  void* cpu() const { return cpu_; }
  // 64-bit floating-point registers; null where this is no RISC-V, or they are not found.
  uint64_t* Doubles();

  // Stops of a debugger (stops.cc).
  Stops& UseStops();
  void SetStop(uint64_t address, bool on);
  int AddWatch(uint32_t id, uint64_t begin, uint64_t size, uint32_t kinds);
  int RemoveWatch(uint32_t id);

  // The memory guard (guard.cc), for as long as the engine is open.
  int InstallGuard(const GuardSetup& setup);
  int SetGuardRules(const uint8_t* functions, size_t function_count, const uint8_t* ranges,
                    size_t range_count);
  // The first violation since the last call.
  GuardReport TakeViolation();
  Guard* guard() { return guard_; }

  struct Call {
    napi_env env;
    napi_value dispatch;
    bool failed;
  };
  // JavaScript's one entry point for hooks, valid while a native call is on the stack. The engine
  // keeps no reference to JavaScript objects, so that forgotten engines can be collected.
  class CallScope {
   public:
    CallScope(Engine* engine, napi_env env, napi_value dispatch)
        : engine_(engine), outer_(engine->call_) {
      engine->call_ = {env, dispatch, false};
    }
    ~CallScope() { engine_->call_ = outer_; }

   private:
    Engine* engine_;
    Call outer_;
  };
  // Calls JavaScript; false when it threw (now or earlier in this call) or cannot be called.
  bool Dispatch(uint32_t id, const uint64_t* values, size_t count, uint64_t* result);
  bool failed() const { return call_.failed; }
  bool in_device() const { return in_device_; }
  void set_in_device(bool value) { in_device_ = value; }
  KeptReads& kept_reads() { return kept_reads_; }
  TrapLog& trap_log() { return trap_log_; }

 private:
  void RemoveGuard();
  int ProtectNow(uint64_t address, uint64_t size, uint32_t permissions);
  int RemoveCacheNow(uint64_t begin, uint64_t end);
  int InstallRunHooks();
  uint64_t FinishRun(uc_err& error);
  uint64_t ReadPc() const;
  void WritePc(uint64_t pc);
  void ResumeItBlock(uint64_t pc);
  void LeaveItBlock(uint64_t pc);
  bool InThumbState() const;
  void WriteItState(uint8_t state);
  void ShowMainExtension(bool shown);
  bool SplitsBlock(uint64_t pc) const;
  void ForgetWindow() { run_.window = {}; }
  bool FindWindow(uint64_t address);
  int DefineSparcFlags();
  bool TranslatesAddresses() const;
  bool IsWritable(uint64_t address, uint64_t size) const;
  bool PcIsAligned(uint64_t pc) const;
  int CheckRegions(uint64_t address, uint64_t size, bool splits) const;

  uc_engine* uc_ = nullptr;
  uint64_t serial_ = 0;
  int arch_ = 0;
  bool m_profile_ = false;
  int mode_ = 0;
  bool running_ = false;
  bool translated_ = false;
  bool in_device_ = false;
  bool uses_exits_ = false;
  bool flags_defined_ = false;
  std::vector<Mapping> mappings_;
  // A deque: records keep their address, which the library holds.
  std::deque<HookRecord> records_;
  std::unordered_map<uint32_t, HookRecord*> hooks_;
  RunState run_;
  KeptReads kept_reads_;
  TrapLog trap_log_;
  Guard* guard_ = nullptr;
  std::unique_ptr<RiscvInternals> riscv_;
  uint64_t* doubles_ = nullptr;
  void* cpu_ = nullptr;
  const uint32_t* arm_registers_ = nullptr;
  // The features of an Arm core that runs with others (UseBaseline).
  uint64_t* features_ = nullptr;
  // Of Arm (Divide).
  std::vector<uint32_t> divided_pages_;
  std::unique_ptr<FastStores> fast_stores_;
  std::unique_ptr<Blocks> blocks_;
  // The CPU as it was at an access that was aborted.
  uc_context* before_abort_ = nullptr;

  Call call_{nullptr, nullptr, false};
};

}  // namespace unicornjs
