/** A set of whole numbers, kept as intervals: from, up to and not including. */

export function Intervals(this: any) {
  this.list = []
}

Intervals.prototype.add = function (this: any, from: number, to: number) {
  const apart = this.list.filter(([a, b]: number[]) => b < from || to < a)
  const merged = this.list.filter(([a, b]: number[]) => !(b < from || to < a))
  const low = Math.min(from, ...merged.map(([a]: number[]) => a))
  const high = Math.max(to, ...merged.map(([, b]: number[]) => b))
  this.list = [...apart, [low, high]].sort(([a], [b]) => a - b)
  return this
}

Intervals.prototype.has = function (this: any, number: number) {
  return this.list.some(([a, b]: number[]) => a <= number && number < b)
}
