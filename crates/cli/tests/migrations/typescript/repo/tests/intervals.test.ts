import assert from 'node:assert/strict'
import test from 'node:test'
import { Intervals } from '../src/intervals.ts'

test('what overlaps is one', () => {
  const set = new Intervals()
  set.add(1, 4).add(3, 8)
  assert.deepEqual(set.list, [[1, 8]])
})

test('what is apart stays apart', () => {
  const set = new Intervals()
  set.add(10, 12).add(1, 2)
  assert.deepEqual(set.list, [[1, 2], [10, 12]])
})

test('membership', () => {
  const set = new Intervals()
  set.add(1, 4)
  assert.deepEqual([0, 1, 3, 4].map((number) => set.has(number)), [false, true, true, false])
})
