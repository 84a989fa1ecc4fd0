import assert from 'node:assert/strict'
import test from 'node:test'
import { Matrix } from '../src/matrix.ts'

test('a product', () => {
  const product = new Matrix([[1, 2], [3, 4]]).times(new Matrix([[0, 1], [1, 0]]))
  assert.deepEqual(product.rows, [[2, 1], [4, 3]])
})

test('shapes have to fit', () => {
  assert.throws(() => new Matrix([[1, 2, 3]]).times(new Matrix([[1]])), RangeError)
})

test('columns become rows', () => {
  assert.deepEqual(new Matrix([[1, 2, 3]]).transposed().rows, [[1], [2], [3]])
})
