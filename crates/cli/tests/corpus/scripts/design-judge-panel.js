export const meta = {
  name: 'design-judge-panel',
  description:
    'Several independent designs, scored by a panel of judges; the winner is improved with the best ideas of the others',
  phases: [{ title: 'Propose' }, { title: 'Judge' }, { title: 'Synthesize' }],
}

const task = typeof args === 'string' ? args : 'a rate limiter for the public API that survives restarts'
const STYLES = [
  'the simplest thing that works',
  'optimise for operability',
  'optimise for throughput',
  'assume hostile clients',
]
const JUDGES = ['staff engineer', 'on-call engineer', 'security reviewer']

const SCORE = {
  type: 'object',
  properties: {
    score: { type: 'integer', minimum: 1, maximum: 10 },
    strengths: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    fatalFlaw: { type: ['string', 'null'] },
  },
  required: ['score', 'strengths', 'fatalFlaw'],
  additionalProperties: false,
}

phase('Propose')
const designs = (
  await parallel(
    STYLES.map((style, i) => async () => {
      const text = await agent(
        `Design ${task}. Approach: ${style}. Give components, data model and failure modes.`,
        {
          label: `design-${String.fromCharCode(65 + i)}`,
          effort: 'high',
        },
      )
      if (!text) throw new Error(`designer ${i} gave up`)
      return { id: String.fromCharCode(65 + i), style, text }
    }),
  )
).filter(Boolean)

if (designs.length < 2) {
  return { error: 'fewer than two designs to compare', losses: failures().map(f => f.label) }
}

phase('Judge')
const ballots = await Promise.all(
  designs.flatMap(d =>
    JUDGES.map(j =>
      agent(`As a ${j}, score this design from 1 to 10. Be strict.\n\n## Design ${d.id}\n${d.text}`, {
        label: `judge:${d.id}:${j.split(' ')[0]}`,
        phase: 'Judge',
        schema: SCORE,
      }).then(b => (b ? { design: d.id, judge: j, ...b } : null)),
    ),
  ),
)

const board = new Map(designs.map(d => [d.id, { id: d.id, total: 0, votes: 0, flaws: 0 }]))
for (const b of ballots) {
  if (!b) continue
  const row = board.get(b.design)
  row.total += b.score
  row.votes += 1
  if (b.fatalFlaw !== null) row.flaws += 1
}
const ranking = [...board.values()]
  .map(r => ({ ...r, mean: r.votes ? Math.round((r.total / r.votes) * 100) / 100 : 0 }))
  .toSorted((a, b) => b.mean - a.mean || a.id.localeCompare(b.id))

const [winner, ...others] = ranking
phase('Synthesize')
const final = await agent(
  `Improve design ${winner.id} with the best ideas of ${others.map(o => o.id).join(', ')}.\n\n${designs.map(d => `### ${d.id} (${d.style})\n${d.text}`).join('\n\n')}`,
  { label: 'synthesize' },
)
return {
  designs: designs.length,
  ballots: ballots.filter(Boolean).length,
  winner: winner.id,
  votesForWinner: winner.votes,
  hasFinal: final !== null,
}
