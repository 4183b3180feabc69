;; What is in bounds for certain needs no check that a store could come before: one pointer for fields far behind the local, on both sides of the stores.
(module
  (memory 1)
  (func (export "f") (param i32) (result i32)
    (local i32)
    (local.set 1 (i32.shl (i32.and (local.get 0) (i32.const 63)) (i32.const 4)))
    (i32.store8 offset=9232 (local.get 1) (local.get 0))
    (i32.store16 offset=9234 (local.get 1) (local.get 0))
    (i32.store offset=9236 (local.get 1) (local.get 0))
    (i32.load (i32.add (local.get 1) (i32.const 9240)))))
