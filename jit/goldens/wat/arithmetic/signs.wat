(module
  (func (param f32) (result f32)
    (f32.neg (f32.abs (local.get 0))))
  (func (param f32 f32) (result f32)
    (f32.copysign (local.get 0) (local.get 1)))
  (func (param f64) (result f64)
    (f64.abs (local.get 0))))
