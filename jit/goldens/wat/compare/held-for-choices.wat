;; The largest number and where it was: two choices by one comparison, which waits in the flags between them. In the second loop the local is read once more, by what is no condition.
(module
  (memory 1 1)
  (func (param $at i32) (param $end i32) (result i32)
    (local $best i32)
    (local $where i32)
    (local $value i32)
    (local $more i32)
    (loop
      (local.set $where
        (select (local.get $at) (local.get $where)
          (local.tee $more (i32.gt_s (local.tee $value (i32.load (local.get $at))) (local.get $best)))))
      (local.set $best (select (local.get $value) (local.get $best) (local.get $more)))
      (br_if 0 (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (loop
      (local.set $where (select (local.get $at) (local.get $where) (local.tee $more (i32.lt_u (local.get $at) (local.get $best)))))
      (local.set $best (i32.xor (local.get $best) (local.get $more)))
      (br_if 0 (local.tee $at (i32.sub (local.get $at) (i32.const 4)))))
    (i32.add (local.get $where) (local.get $best))))
