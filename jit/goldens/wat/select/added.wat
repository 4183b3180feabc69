;; A number or nothing, by a condition, and a count: the addition is done under the condition.
(module (func (param i32 i32 i32) (result i32)
  (local.set 2 (i32.add (local.get 2) (select (local.get 1) (i32.const 0) (i32.lt_u (local.get 0) (local.get 1)))))
  (local.set 2 (i32.add (local.get 2) (i32.ne (local.get 0) (i32.const 7))))
  (local.get 2)))
