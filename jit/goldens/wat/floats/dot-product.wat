(module
  (memory 1)
  (func (param i32 i32 i32) (result f32) (local f32)
    (loop
      (local.set 3 (f32.add (local.get 3) (f32.mul (f32.load (local.get 0)) (f32.load (local.get 1)))))
      (local.set 0 (i32.add (local.get 0) (i32.const 4)))
      (local.set 1 (i32.add (local.get 1) (i32.const 4)))
      (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
    (local.get 3)))
