(module
  (global $a (mut i32) (i32.const 1))
  (global $b (mut i64) (i64.const 1))
  (func (export "f") (param i32)
    (global.set $a (i32.add (global.get $a) (local.get 0))) (global.set $b (global.get $b))))
