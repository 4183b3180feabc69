(module
  (type $t (func (param i32 i32 i32 i32 i32 i32 i64) (result i32)))
  (table 2 funcref) (elem (i32.const 0) $hot $cold)
  (global $g (mut i32) (i32.const 0))
  (func $hot (type $t)
    local.get 0 local.get 6 i32.wrap_i64 i32.add
    global.get $g i32.const 1 i32.add global.set $g)
  (func $cold (type $t)
    local.get 0)
  (func $mid (param i32) (result i32)
    (local $n i32)
    i32.const 77
    local.get 0 i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 i64.const 6
    i32.const 0
    call_indirect (type $t)
    i32.add)
  (func $outer (param i32) (result i32)
    i64.const 9
    local.get 0
    call $mid
    i64.extend_i32_u
    i64.add
    i32.wrap_i64)
  (func (export "run") (param i32) (result i32)
    (local $i i32)
    (loop $l
      local.get $i
      call $outer
      drop
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      local.get 0
      i32.lt_s
      br_if $l)
    local.get $i))
