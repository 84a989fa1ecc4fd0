/** Remembers so many answers: what was used least recently is forgotten. */

export function Lru(this: any, limit: number) {
  this.limit = limit
  this.entries = new Map()
}

Lru.prototype.get = function (this: any, key: string) {
  if (!this.entries.has(key)) return undefined
  const value = this.entries.get(key)
  this.entries.delete(key)
  this.entries.set(key, value)
  return value
}

Lru.prototype.set = function (this: any, key: string, value: unknown) {
  this.entries.delete(key)
  this.entries.set(key, value)
  if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value)
  return this
}
