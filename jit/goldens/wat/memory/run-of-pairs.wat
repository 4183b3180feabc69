;; Copies records of two pairs of words: a check for each of four would be longer than one for all, and a branch for what follows the first store.
(module
  (memory 1)
  (func (export "f") (param i32 i32 i32)
    (loop
      (i64.store (local.get 0) (i64.load (local.get 1)))
      (i64.store offset=8 (local.get 0) (i64.load offset=8 (local.get 1)))
      (local.set 0 (i32.add (local.get 0) (i32.const 16)))
      (local.set 1 (i32.add (local.get 1) (i32.const 16)))
      (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))))
