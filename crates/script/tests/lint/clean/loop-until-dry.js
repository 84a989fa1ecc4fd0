export const meta = { name: 'hunt', description: 'Loops until two rounds find nothing new', phases: [{ title: 'Hunt' }] }
const BUGS = {
  type: 'object',
  properties: { bugs: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' }, text: { type: 'string' } } } } },
}
const seen = new Map()
let dry = 0
for (let round = 1; dry < 2 && round <= 8; round++) {
  const known = [...seen.keys()].join(', ') || 'none'
  const result = await agent(`Round ${round}. Find bugs. Known: ${known}`, { label: `round ${round}`, phase: 'Hunt', schema: BUGS })
  const fresh = (result?.bugs ?? []).filter(b => !seen.has(b.id))
  for (const b of fresh) seen.set(b.id, b)
  dry = fresh.length ? 0 : dry + 1
  log(`round ${round}: ${fresh.length} new`)
}
return { bugs: [...seen.values()], rounds_lost: failures().length }
