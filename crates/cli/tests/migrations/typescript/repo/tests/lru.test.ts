import assert from 'node:assert/strict'
import test from 'node:test'
import { Lru } from '../src/lru.ts'

test('what was used least recently is forgotten', () => {
  const lru = new Lru(2)
  lru.set('a', 1).set('b', 2)
  lru.get('a')
  lru.set('c', 3)
  assert.deepEqual(['a', 'b', 'c'].map((key) => lru.get(key)), [1, undefined, 3])
})

test('setting again is using', () => {
  const lru = new Lru(2)
  lru.set('a', 1).set('b', 2).set('a', 4).set('c', 3)
  assert.deepEqual(['a', 'b', 'c'].map((key) => lru.get(key)), [4, undefined, 3])
})
