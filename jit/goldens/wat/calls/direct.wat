;; calls: direct
(module
  (func $g (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "f") (param i32 i32) (result i32)
    (i32.add (call $g (local.get 1) (local.get 0)) (call $g (local.get 0) (i32.const 1)))))
