;; memory: growing
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.add (i32.load (local.get 0)) (i32.add (i32.load offset=4 (local.get 0)) (i32.load16_u offset=10 (local.get 0))))))
