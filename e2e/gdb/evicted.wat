;; Two functions that are called in turns, often enough to be worth a place: under a budget for one of them, each evicts the other.
(module
  (func $first (param i32) (result i32)
    local.get 0
    i32.const 3
    i32.mul
    i32.const 1
    i32.add)
  (func $second (param i32) (result i32)
    local.get 0
    i32.const 5
    i32.xor)
  (func (export "run") (result i32)
    (local $turn i32) (local $times i32) (local $value i32)
    (loop $turns
      i32.const 200
      local.set $times
      (loop $firsts
        local.get $value
        call $first
        local.set $value
        local.get $times
        i32.const 1
        i32.sub
        local.tee $times
        br_if $firsts)
      i32.const 200
      local.set $times
      (loop $seconds
        local.get $value
        call $second
        local.set $value
        local.get $times
        i32.const 1
        i32.sub
        local.tee $times
        br_if $seconds)
      local.get $turn
      i32.const 1
      i32.add
      local.tee $turn
      i32.const 4
      i32.lt_u
      br_if $turns)
    local.get $value))
