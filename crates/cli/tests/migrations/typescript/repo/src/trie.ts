/** Words by their beginnings. */

export function Trie(this: any) {
  this.root = new Map()
}

Trie.prototype.add = function (this: any, word: string) {
  let node = this.root
  for (const letter of word) {
    if (!node.has(letter)) node.set(letter, new Map())
    node = node.get(letter)
  }
  node.set('', word)
  return this
}

Trie.prototype.beginningWith = function (this: any, start: string) {
  let node = this.root
  for (const letter of start) {
    node = node.get(letter)
    if (node === undefined) return []
  }
  const found: string[] = []
  const walk = (node: any) => {
    for (const [letter, next] of node) letter === '' ? found.push(next) : walk(next)
  }
  walk(node)
  return found.sort()
}
