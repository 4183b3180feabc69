;; memory: growing
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.load offset=4294967295 (local.get 0))))
