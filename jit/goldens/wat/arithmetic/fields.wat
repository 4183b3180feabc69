;; Fields come to the bottom in one instruction, and what is left to shift waits for the address.
(module (memory 1) (func (param i32 i32) (result i32)
  (local.set 1 (i32.and (i32.shr_u (local.get 0) (i32.const 8)) (i32.const 15)))
  (i32.add
    (i32.load (i32.and (i32.shr_u (local.get 0) (i32.const 23)) (i32.const 252)))
    (i32.and (local.get 1) (i32.const 1023)))))
