;; A list is searched: between two labels stands one access, so that it adds the pointer to the place of its field, which has a register on thumb2.
(module
  (memory 1)
  (func (param i32 i32) (result i32)
    (block
      (loop
        (block
          (br_if 0 (i32.ne (i32.load offset=8 (local.get 0)) (local.get 1)))
          (br 2))
        (br_if 0 (local.tee 0 (i32.load offset=4 (local.get 0))))))
    (local.get 0)))
