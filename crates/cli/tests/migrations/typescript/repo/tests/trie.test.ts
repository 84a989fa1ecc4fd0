import assert from 'node:assert/strict'
import test from 'node:test'
import { Trie } from '../src/trie.ts'

test('words by their beginnings', () => {
  const trie = new Trie()
  trie.add('tea').add('ten').add('to').add('inn')
  assert.deepEqual(trie.beginningWith('te'), ['tea', 'ten'])
  assert.deepEqual(trie.beginningWith('x'), [])
})

test('a word begins with itself', () => {
  const trie = new Trie()
  trie.add('in').add('inn')
  assert.deepEqual(trie.beginningWith('in'), ['in', 'inn'])
})

test('all of them, in order', () => {
  const trie = new Trie()
  trie.add('b').add('a')
  assert.deepEqual(trie.beginningWith(''), ['a', 'b'])
})
