export const meta = { name: 'sweep', description: 'Searches by name, by content, by history', phases: [{ title: 'Search' }, { title: 'Read' }] }
const HITS = { type: 'object', required: ['paths'], properties: { paths: { type: 'array', items: { type: 'string' }, maxItems: 15 } } }
const WAYS = { name: 'file names', content: 'grep', history: 'git log -S' }
phase('Search')
const hits = await parallel(
  Object.entries(WAYS).map(([key, way]) => () => agent(`Search by ${way} for the rate limiter.`, { label: `search:${key}`, schema: HITS, agentType: 'Explore' })),
)
const missing = Object.keys(WAYS).filter((_, i) => hits[i] === null)
const paths = [...new Set(hits.filter(Boolean).flatMap(h => h.paths))].sort()
phase('Read')
const notes = await parallel(paths.map(path => () => agent(`Read ${path}: what does it do for the rate limiter?`, { label: `read:${path}` })))
return { notes: Object.fromEntries(paths.map((path, i) => [path, notes[i]])), missing }
