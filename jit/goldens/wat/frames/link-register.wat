;; Nothing is called: the link register holds one of two values, and returns.
(module (func (param i32 i32 i32 i32) (result i32) (local i32 i32)
  (loop
    (local.set 4 (i32.add (local.get 4) (i32.mul (local.get 0) (local.get 1))))
    (local.set 5 (i32.xor (local.get 5) (i32.mul (local.get 2) (local.get 3))))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (local.get 5)))))
  (i32.add (local.get 4) (local.get 5))))
