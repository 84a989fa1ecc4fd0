/** A queue that holds so many at most: the oldest makes room. */

import { whole } from './checks.ts'

export function Queue(this: any, limit: number) {
  this.limit = whole('limit', limit)
  this.items = []
}

Queue.prototype.push = function (this: any, item: unknown) {
  this.items.push(item)
  return this.items.length > this.limit ? this.items.shift() : undefined
}

Queue.prototype.pop = function (this: any) {
  return this.items.shift()
}

Object.defineProperty(Queue.prototype, 'size', { get(this: any) { return this.items.length } })
