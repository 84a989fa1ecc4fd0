export const meta = {
  name: 'algorithm-tournament',
  description: '🏆 Knock-out tournament between competing implementations, pairwise, until one is left',
  phases: [{ title: 'Enter' }, { title: 'Rounds' }],
}

const ENTRANTS = [
  'btree',
  'skip list',
  'LSM tree',
  'radix trie',
  'hash index',
  'fractal tree',
  'bitmap index',
]

phase('Enter')
const entries = await parallel(
  ENTRANTS.map(
    name => () =>
      agent(`Implement the ordered index as a ${name}. Report measured ns/op.`, {
        label: name,
        isolation: 'worktree',
      }),
  ),
)
let field = ENTRANTS.map((name, i) => ({ name, report: entries[i] })).filter(e => e.report !== null)
const entered = field.length

const MATCH = {
  type: 'object',
  properties: {
    winner: { enum: ['A', 'B'] },
    margin: { type: 'string', enum: ['narrow', 'clear', 'crushing'] },
  },
  required: ['winner'],
}

phase('Rounds')
const history = []
let round = 0
while (field.length > 1) {
  round += 1
  const pairs = []
  for (let i = 0; i + 1 < field.length; i += 2) pairs.push([field[i], field[i + 1]])
  // An odd one out goes through unopposed.
  const bye = field.length % 2 ? [field.at(-1)] : []
  const outcomes = await parallel(
    pairs.map(
      ([a, b], i) =>
        () =>
          agent(
            `Which implementation is better for our workload?\n\nA (${a.name}):\n${a.report}\n\nB (${b.name}):\n${b.report}`,
            {
              label: `round ${round} match ${i + 1}: ${a.name} ⚔️ ${b.name}`,
              schema: MATCH,
            },
          ),
    ),
  )
  const through = pairs.map(([a, b], i) => {
    const outcome = outcomes[i]
    // A match without a referee is decided by seeding.
    const winner = outcome?.winner === 'B' ? b : a
    history.push({ round, match: `${a.name} v ${b.name}`, winner: winner.name, refereed: outcome !== null })
    return winner
  })
  field = [...through, ...bye]
  log({ round, left: field.map(f => f.name) })
}

return { entered, rounds: round, champion: field[0]?.name ?? null, history }
