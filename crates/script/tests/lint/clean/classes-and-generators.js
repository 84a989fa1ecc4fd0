export const meta = { name: 'board', description: 'Keeps state in a class' }
class Board {
  #cards = new Map()
  add(key, card) {
    this.#cards.set(key, { ...card, state: 'open' })
    return this
  }
  *open() {
    for (const [key, card] of this.#cards) if (card.state === 'open') yield [key, card]
  }
  close(key, note) {
    const card = this.#cards.get(key)
    if (card) Object.assign(card, { state: 'closed', note })
  }
  get summary() {
    return Object.groupBy([...this.#cards.values()], card => card.state)
  }
}
const board = new Board().add('parser', { ask: 'Explain the parser' }).add('printer', { ask: 'Explain the printer' })
for (const [key, card] of [...board.open()]) {
  const note = await agent(card.ask, { label: `explain:${key}` })
  if (note !== null) board.close(key, note)
}
return board.summary
