#include "deadline.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

// All that is needed of V8's public interface (v8-isolate.h), which Node exports to addons: unlike Node-API it can end what runs.
namespace v8 {
class __attribute__((visibility("default"))) Isolate {
 public:
  static Isolate* GetCurrent();
  void TerminateExecution();
  void CancelTerminateExecution();
};
}  // namespace v8

namespace unicornjs {
namespace {

using Clock = std::chrono::steady_clock;

// A call under way.
struct Deadline {
  Clock::time_point at;
  v8::Isolate* isolate;
  bool passed;
  Deadline* next;
};

// One thread for all calls of the process. It wakes when the earliest deadline that it knew passes; a call that ends before costs
// two uncontended locks.
class Watch {
 public:
  void Add(Deadline* deadline) {
    std::lock_guard<std::mutex> lock(mutex_);
    deadline->next = first_;
    first_ = deadline;
    if (!started_) {
      started_ = true;
      std::thread([this] { Run(); }).detach();
    }
    if (deadline->at < wake_) changed_.notify_one();
  }

  // Whether the deadline has passed. What runs is not ended for it any more.
  bool Remove(Deadline* deadline) {
    std::lock_guard<std::mutex> lock(mutex_);
    Deadline** place = &first_;
    while (*place != deadline) place = &(*place)->next;
    *place = deadline->next;
    if (!deadline->passed) return false;
    deadline->isolate->CancelTerminateExecution();
    // A call around this one may be late too.
    for (Deadline* outer = first_; outer != nullptr; outer = outer->next) {
      if (outer->passed && outer->isolate == deadline->isolate) outer->isolate->TerminateExecution();
    }
    return true;
  }

 private:
  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      const auto now = Clock::now();
      wake_ = Clock::time_point::max();
      for (Deadline* deadline = first_; deadline != nullptr; deadline = deadline->next) {
        if (deadline->passed) continue;
        if (deadline->at <= now) {
          deadline->passed = true;
          deadline->isolate->TerminateExecution();
        } else {
          wake_ = std::min(wake_, deadline->at);
        }
      }
      if (wake_ == Clock::time_point::max()) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, wake_);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Deadline* first_ = nullptr;
  Clock::time_point wake_ = Clock::time_point::max();
  bool started_ = false;
};

}  // namespace

napi_value CallWithin(napi_env env, napi_callback_info info) {
  // Never destroyed: its thread lives as long as the process.
  static Watch& watch = *new Watch;
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  double milliseconds = 0;
  napi_valuetype type = napi_undefined;
  if (count == 2) napi_typeof(env, arguments[1], &type);
  if (type != napi_function || napi_get_value_double(env, arguments[0], &milliseconds) != napi_ok || !(milliseconds >= 0 && milliseconds < 1e12)) {
    napi_throw_type_error(env, nullptr, "call_within: milliseconds and a function are expected");
    return nullptr;
  }
  napi_value receiver;
  napi_get_undefined(env, &receiver);
  Deadline deadline = {Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(milliseconds)), v8::Isolate::GetCurrent(), false, nullptr};
  watch.Add(&deadline);
  const napi_status status = napi_call_function(env, receiver, arguments[1], 0, nullptr, nullptr);
  const bool passed = watch.Remove(&deadline);
  if (status == napi_pending_exception && !passed) return nullptr;
  if (passed) {
    napi_value ignored;
    napi_get_and_clear_last_exception(env, &ignored);
  }
  napi_value in_time;
  napi_get_boolean(env, !passed, &in_time);
  return in_time;
}

}  // namespace unicornjs
