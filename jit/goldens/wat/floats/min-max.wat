(module
  (func (param f32 f32) (result f32)
    (f32.min (local.get 0) (f32.max (local.get 1) (f32.const 1)))))
