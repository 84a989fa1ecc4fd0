export const meta = { name: 'ten', description: 'Ten bugs or six tries' }
const SCHEMA = { type: 'object', required: ['bugs'], properties: { bugs: { type: 'array', items: { type: 'string' } } } }
const bugs = new Set()
let tries = 0
while (bugs.size < 10 && tries < 6) {
  tries++
  const result = await agent(`Try ${tries}: find bugs that are not among: ${[...bugs].join('; ')}`, { label: `try ${tries}`, schema: SCHEMA })
  result?.bugs.forEach(b => bugs.add(b))
  log(`${bugs.size}/10 found`)
}
return [...bugs].slice(0, 10)
