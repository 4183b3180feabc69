;; calls: direct
(module
  (func $g (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "f") (param i32 i32) (result i32)
    (return_call $g (call $g (local.get 1) (local.get 0)) (i32.const 1)))
  (func $self (export "self") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $self (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0)))))
