;; Results take the registers of operands that are not needed any more.
(module
  (func (export "sum") (param i64 i64 i64) (result i64) (i64.add (i64.xor (local.get 0) (local.get 1)) (i64.xor (local.get 1) (local.get 2))))
  (func (export "shift") (param i64 i64) (result i64) (i64.shl (i64.xor (local.get 0) (local.get 1)) (local.get 1)))
  (func (export "constant shift") (param i64 i64) (result i64) (i64.shr_u (i64.xor (local.get 0) (local.get 1)) (i64.const 5)))
  (func (export "product") (param i64 i64 i64) (result i64) (i64.mul (i64.xor (local.get 0) (local.get 1)) (i64.xor (local.get 1) (local.get 2)))))
