import assert from 'node:assert/strict'
import test from 'node:test'
import { Emitter } from '../src/emitter.ts'

test('listeners hear what they asked for', () => {
  const emitter = new Emitter()
  const heard: number[] = []
  emitter.on('x', (number: number) => heard.push(number))
  assert.equal(emitter.emit('x', 7), 1)
  assert.equal(emitter.emit('y', 8), 0)
  assert.deepEqual(heard, [7])
})

test('taken off', () => {
  const emitter = new Emitter()
  const off = emitter.on('x', () => {})
  off()
  assert.equal(emitter.emit('x'), 0)
})

test('one that throws keeps nobody from hearing', () => {
  const emitter = new Emitter()
  emitter.on('x', () => { throw new Error('no') })
  emitter.on('x', () => {})
  assert.equal(emitter.emit('x'), 1)
})
