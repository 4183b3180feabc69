;; The first table cannot grow: indices are compared with a constant. The second one may have grown, and its record is asked.
(module
  (type $f (func (param i32) (result i32)))
  (table $fixed 5 5 funcref)
  (table $growing 5 9 funcref)
  (func (param $at i32) (param $x i32) (result i32)
    (call_indirect $growing (type $f) (call_indirect $fixed (type $f) (local.get $x) (local.get $at)) (local.get $at))))
