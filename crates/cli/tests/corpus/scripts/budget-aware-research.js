export const meta = {
  name: 'budget-aware-research',
  description:
    'Deepen a literature search as long as the token target allows, but stop by itself without one',
  phases: [{ title: 'Search' }, { title: 'Report' }],
}

const RESERVE = 20_000
const question = args?.question ?? 'Which consensus protocols tolerate asymmetric partitions?'
const notes = []
let iteration = 0

// Without a target `remaining()` is Infinity: the second condition ends the loop.
while (budget.remaining() > RESERVE && iteration < 4) {
  iteration += 1
  const found = await agent(
    `Iteration ${iteration}. Question: ${question}\nWhat we know:\n${notes.map((n, i) => `[${i + 1}] ${n}`).join('\n') || '(nothing)'}\nFind one more independent source. Say DONE if the question is settled.`,
    {
      label: `search #${iteration}`,
      phase: 'Search',
      schema: {
        type: 'object',
        properties: {
          note: { type: 'string' },
          url: { type: 'string', format: 'uri' },
          done: { type: 'boolean', default: false },
        },
        required: ['note', 'url', 'done'],
      },
    },
  )
  if (found === null) {
    log(
      `iteration ${iteration} was lost; ${budget.total ? Math.round((budget.spent() / budget.total) * 100) + '% used' : 'no target'}`,
    )
    continue
  }
  const host = new URL(found.url).hostname.replace(/^www\./, '')
  notes.push(`${found.note} (${host})`)
  if (found.done && notes.length >= 2) break
}

phase('Report')
const report = await agent(`Write the answer to "${question}" from these notes alone:\n${notes.join('\n')}`, {
  label: 'report',
  effort: 'medium',
})
return {
  iterations: iteration,
  notes: notes.length,
  unlimited: budget.total === null && budget.remaining() === Infinity,
  spentSomething: budget.spent() > 0,
  usdUnlimited: typeof budget.usd === 'object' ? budget.usd.remaining() === Infinity : null,
  report: report === null ? null : 'written',
}
