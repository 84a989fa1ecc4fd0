export const meta = { name: 'deep', description: 'Goes on while there is budget' }
const SCHEMA = { type: 'object', required: ['bugs'], properties: { bugs: { type: 'array', items: { type: 'string' } } } }
const bugs = []
let round = 0
while (budget.total && budget.remaining() > 50_000) {
  const result = await agent('Find bugs in this codebase.', { label: `hunt ${++round}`, schema: SCHEMA })
  if (!result) continue
  bugs.push(...result.bugs)
  log(`${bugs.length} found, ${Math.round(budget.remaining() / 1000)}k remaining`)
}
return bugs
