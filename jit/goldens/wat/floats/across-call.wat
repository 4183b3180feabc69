(module
  (func $f (param f32))
  (func (param f32 f32) (result f32)
    (f32.add (local.get 0) (local.get 1))
    (call $f (f32.const 0.1))
    (f32.neg)))
