;; Immediates of sums and comparisons: neither word needs a register.
(module
  (func (export "add") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
  (func (export "subtract") (param i64) (result i64) (i64.sub (local.get 0) (i64.const 0x1000000ff)))
  (func (export "negative") (param i64) (result i64) (i64.add (i64.const -256) (local.get 0)))
  (func (export "count") (param i64) (loop (br_if 0 (i64.ne (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 0)))))
  (func (export "above") (param i64) (result i32) (i64.gt_s (local.get 0) (i64.const 99)))
  (func (export "sign") (param i64) (result i32) (if (result i32) (i64.lt_s (local.get 0) (i64.const 0)) (then (i32.const 2)) (else (i32.const 3))))
  (func (export "not negative") (param i64) (result i32) (if (result i32) (i64.gt_s (local.get 0) (i64.const -1)) (then (i32.const 2)) (else (i32.const 3)))))
