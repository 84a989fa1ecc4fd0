export const meta = {
  name: 'type-errors-fix-loop',
  description:
    'Turn on strict mode: count the errors, fix the worst files, count again, until none is left or nothing moves',
  phases: [{ title: 'Count' }, { title: 'Fix' }],
}

const COUNT = {
  type: 'object',
  properties: {
    total: { type: 'integer', minimum: 0, maximum: 400 },
    worst: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, errors: { type: 'integer', minimum: 1, maximum: 80 } },
        required: ['path', 'errors'],
      },
    },
  },
  required: ['total', 'worst'],
}

const trail = []
let stalled = 0
let fixed = 0
for (let round = 1; round <= 4; round++) {
  phase('Count')
  const count = await agent(
    `Run tsc --strict (round ${round}; before: ${trail.join(' → ') || 'never'}). How many errors, and which files have most?`,
    { label: `count ${round}`, schema: COUNT },
  )
  if (count === null) {
    if (++stalled === 2) break
    continue
  }
  if (count.total === 0 || count.worst.length === 0) {
    trail.push(0)
    break
  }
  trail.push(count.total)
  phase('Fix')
  const top = count.worst.toSorted((a, b) => b.errors - a.errors).slice(0, 4)
  const done = await parallel(
    top.map(
      ({ path, errors }) =>
        () =>
          agent(`Fix the ${errors} strict-mode errors in ${path}. No \`any\`, no \`@ts-ignore\`.`, {
            label: `fix ${round}:${path}`,
          }),
    ),
  )
  const lost = done.filter(d => d === null).length
  fixed += done.length - lost
  if (lost === done.length) break
}
return { rounds: trail.length, clean: trail.at(-1) === 0, fixed, lostAgents: failures().length }
