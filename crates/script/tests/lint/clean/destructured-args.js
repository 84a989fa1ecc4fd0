export const meta = {
  name: 'compare',
  description: 'Compares two libraries',
  args: {
    type: 'object',
    required: ['left', 'right'],
    additionalProperties: false,
    properties: { left: { type: 'string' }, right: { type: 'string' }, depth: { enum: ['quick', 'deep'] } },
  },
}
const { left, right, depth = 'quick' } = args
const QUESTIONS = depth === 'deep' ? ['performance', 'API', 'community', 'security'] : ['API', 'community']
const table = {}
for (const question of QUESTIONS) {
  table[question] = await agent(`Compare ${left} and ${right}: ${question}.`, { label: `compare:${question}`, effort: depth === 'deep' ? 'high' : 'low' })
}
return table
