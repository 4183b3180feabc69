;; memory: growing
(module
  (memory 1)
  (func (export "f") (param i32 i32) (result i32)
    (i32.load (i32.xor (local.get 0) (local.get 1)))))
