(module
  (func (param f32) (result i32)
    (i32.trunc_f32_s (local.get 0)))
  (func (param f32) (result i32)
    (i32.trunc_sat_f32_u (local.get 0)))
  (func (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0))))
