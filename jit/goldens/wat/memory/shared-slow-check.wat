;; memory: growing
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 1)) (i32.store (local.get 0) (i32.const 2)) (i32.store (local.get 0) (i32.const 3)) (i32.load (local.get 0))))
