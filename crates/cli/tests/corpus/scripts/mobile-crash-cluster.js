export const meta = {
  name: 'mobile-crash-cluster',
  description:
    'Clusters crash reports by stack signature, asks one agent per cluster, streams results through an async queue',
  phases: [{ title: 'Cluster' }, { title: 'Explain' }],
}

const RAW = `
#0 0x1f4 objc_msgSend + 28
#1 0x2a0 -[CartVC reload] + 112
--
#0 0x1f8 objc_msgSend + 32
#1 0x2b4 -[CartVC reload] + 132
--
#0 0x9c0 java.lang.NullPointerException at com.acme.Größe.get(Größe.kt:42)
#1 0x9d0 com.acme.Cart.total(Cart.kt:7)
--
#0 0x9c0 java.lang.NullPointerException at com.acme.Größe.get(Größe.kt:43)
#1 0x9d0 com.acme.Cart.total(Cart.kt:9)
--
#0 0x111 std::vector<T>::at + 4
`
const signature = stack =>
  stack
    .replace(/0x[0-9a-f]+|\+ \d+|:\d+(?=\))/g, '·')
    .replace(/\s+/g, ' ')
    .trim()
class AsyncQueue {
  #items = []
  #wake = null
  #open = true
  push(item) {
    this.#items.push(item)
    this.#wake?.()
  }
  close() {
    this.#open = false
    this.#wake?.()
  }
  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#items.length) yield this.#items.shift()
      if (!this.#open) return
      await new Promise(resolve => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }
}
phase('Cluster')
const clusters = Map.groupBy(
  RAW.split(/^--$/m)
    .map(s => s.trim())
    .filter(Boolean),
  signature,
)
const queue = new AsyncQueue()
phase('Explain')
const producers = [...clusters].map(async ([sig, stacks], i) => {
  try {
    const text = await agent(`Explain ${stacks.length} crashes:\n${stacks[0]}`, { label: `cluster ${i + 1}` })
    queue.push({ size: stacks.length, known: text !== null, sig: sig.length > 0 })
  } catch {
    queue.push({ size: stacks.length, known: false })
  }
})
Promise.all(producers).then(() => queue.close())
const rows = []
for await (const row of queue) rows.push(row)
return {
  clusters: clusters.size,
  crashes: rows.reduce((n, r) => n + r.size, 0),
  explained: rows.filter(r => r.known).length,
}
