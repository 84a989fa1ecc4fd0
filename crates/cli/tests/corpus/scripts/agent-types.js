export const meta = {
  name: 'architecture-tour',
  description: 'A tour of the architecture with the agent types that exist, and one that does not',
}

const areas = ['request path', 'storage', 'background jobs']
const tours = await Promise.all(
  areas.map(area => agent(`Explain the ${area}.`, { label: area, agentType: 'Explore' })),
)
const plan = await agent(
  `Plan the order in which a newcomer should read this:\n${tours.filter(Boolean).join('\n---\n')}`,
  { label: 'plan', agentType: 'Plan', model: 'inherit' },
)

const rejected = {}
const attempts = {
  type: () => agent('x', { agentType: 'explorer' }),
  schemaRoot: () => agent('x', { schema: { type: 'array', items: { type: 'string' } } }),
  schemaContradiction: () =>
    agent('x', {
      schema: {
        type: 'object',
        properties: { n: { type: 'integer', minimum: 5, maximum: 2 } },
        required: ['n'],
      },
    }),
  effort: () => agent('x', { effort: 'extreme' }),
  isolation: () => agent('x', { isolation: 'container' }),
  options: () => agent('x', 'label'),
}
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    const result = await attempt()
    rejected[name] = `resolved to ${JSON.stringify(result)}`
  } catch (error) {
    rejected[name] = error.name
    log(`${name}: ${error.message}`)
  }
}
return { tours: tours.filter(Boolean).length, planned: plan !== null, rejected }
