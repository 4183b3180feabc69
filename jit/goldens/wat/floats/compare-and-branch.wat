(module
  (func (param f32 f32) (result i32)
    (if (result i32) (f32.lt (local.get 0) (local.get 1)) (then (i32.const 1)) (else (i32.const 2))))
  (func (param f32 f32) (result i32)
    (i32.eqz (f32.ge (local.get 0) (local.get 1))))
  (func (param f64 f64)
    (block (br_if 0 (f64.ne (local.get 0) (local.get 1))) (unreachable))))
