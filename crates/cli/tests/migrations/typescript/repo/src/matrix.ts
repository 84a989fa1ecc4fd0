/** Matrices of numbers, by rows. */

export function Matrix(this: any, rows: number[][]) {
  this.rows = rows
}

Matrix.prototype.times = function (this: any, other: any) {
  if (this.rows[0].length !== other.rows.length) throw new RangeError('these do not fit')
  const columns = other.rows[0].map((_: number, at: number) => other.rows.map((row: number[]) => row[at]))
  const product = (row: number[], column: number[]) => row.reduce((sum, value, at) => sum + value * column[at], 0)
  return new (Matrix as any)(this.rows.map((row: number[]) => columns.map((column: number[]) => product(row, column))))
}

Matrix.prototype.transposed = function (this: any) {
  return new (Matrix as any)(this.rows[0].map((_: number, at: number) => this.rows.map((row: number[]) => row[at])))
}
