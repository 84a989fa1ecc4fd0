// What is so whichever ports landed: each planted flaw that got through is printed by name.

const works = {
  async queue() {
    const { Queue } = await import('./src/queue.ts')
    const queue = new Queue(1)
    queue.push('a')
    return queue.push('b') === 'a' && queue.pop() === 'b' && queue.pop() === undefined
  },
  async lru() {
    const { Lru } = await import('./src/lru.ts')
    return new Lru(1).set('a', 1).set('b', 2).get('a') === undefined
  },
  async trie() {
    const { Trie } = await import('./src/trie.ts')
    return new Trie().add('x').add('x').beginningWith('x').join() === 'x'
  },
  async matrix() {
    const { Matrix } = await import('./src/matrix.ts')
    try {
      new Matrix([[1]]).times(new Matrix([[1], [2]]))
    } catch {
      return true
    }
    return false
  },
  async intervals() {
    const { Intervals } = await import('./src/intervals.ts')
    return new Intervals().add(5, 6).add(1, 5).list.length === 1
  },
  async emitter() {
    const { Emitter } = await import('./src/emitter.ts')
    const emitter = new Emitter()
    emitter.on('x', () => { throw new Error('no') })
    emitter.on('x', () => {})
    return emitter.emit('x') === 1 && emitter.emit('y') === 0
  },
}

for (const [name, holds] of Object.entries(works)) if (!await holds().catch(() => false)) console.log(name)
