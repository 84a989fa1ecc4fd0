export const meta = {
  name: 'any-args',
  description: 'Takes a string, a list or an object',
  args: { anyOf: [{ type: 'string' }, { type: 'array' }, { type: 'object', properties: { items: { type: 'array' } } }] },
}
const items = Array.isArray(args) ? args : typeof args === 'string' ? args.split(',').map(s => s.trim()) : (args?.items ?? [])
const replies = await parallel(items.map(item => () => agent(`Explain ${item}.`, { label: String(item) })))
return Object.fromEntries(items.map((item, i) => [item, replies[i]]))
