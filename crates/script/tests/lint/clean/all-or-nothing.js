export const meta = { name: 'all-or-nothing', description: 'Stops when anything is lost' }
const PARTS = ['schema', 'server', 'client']
const SPEC = { type: 'object', required: ['files'], properties: { files: { type: 'array', items: { type: 'string' }, maxItems: 12 } } }
const specs = await parallel(PARTS.map(p => () => agent(`Specify the ${p}.`, { label: `spec:${p}`, schema: SPEC })))
if (specs.some(s => s === null)) throw new Error(`lost: ${failures().map(f => f.label).join(', ')}`)
const files = specs.flatMap(s => s.files)
const [schema, server] = specs
log(`${schema.files.length} + ${server.files.length} files`)
return await agent(`Write a plan that touches ${files.join(', ')}.`, { label: 'plan' })
