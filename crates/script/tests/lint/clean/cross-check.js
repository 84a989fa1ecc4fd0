export const meta = { name: 'cross-check', description: 'Independent sources, then agreement' }
const FACT = { type: 'object', required: ['value', 'source'], properties: { value: { type: 'string' }, source: { type: 'string' } } }
const QUESTION = 'In which year was the first release?'
const sources = ['the changelog', 'the git tags', 'the package registry']
const answers = await Promise.all(
  sources.map(source => agent(`${QUESTION} Use only ${source}.`, { label: `ask:${source}`, schema: FACT }).catch(() => null)),
)
const counts = new Map()
for (const answer of answers) {
  if (!answer) continue
  counts.set(answer.value, (counts.get(answer.value) ?? 0) + 1)
}
const [best] = [...counts].sort((a, b) => b[1] - a[1])
return { best: best?.[0] ?? null, votes: best?.[1] ?? 0, of: sources.length, answered: answers.filter(Boolean).length }
