import assert from 'node:assert/strict'
import test from 'node:test'
import { Queue } from '../src/queue.ts'

test('first in, first out', () => {
  const queue = new Queue(3)
  queue.push('a')
  queue.push('b')
  assert.equal(queue.pop(), 'a')
  assert.equal(queue.size, 1)
})

test('the oldest makes room', () => {
  const queue = new Queue(2)
  for (const item of [1, 2]) assert.equal(queue.push(item), undefined)
  assert.equal(queue.push(3), 1)
  assert.equal(queue.size, 2)
})

test('a limit is a whole number', () => {
  assert.throws(() => new Queue(1.5), RangeError)
})
