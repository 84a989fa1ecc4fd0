export const meta = { name: 'parse', description: 'Parses free text with a regular expression' }
const text = await agent('List every TODO as `path:line: text`, one per line.', { label: 'todos', agentType: 'Explore' })
const TODO = /^(?<path>[^:\n]+):(?<line>\d+):\s*(?<what>.+)$/gmu
const todos = [...(text ?? '').matchAll(TODO)].map(m => ({ ...m.groups, line: Number(m.groups.line) }))
const top = todos.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line).slice(0, 25)
const sized = await parallel(
  top.map(todo => async () => {
    const size = await agent(`How large is this TODO? ${todo.path}:${todo.line} ${todo.what}`, {
      label: `size:${todo.path}:${todo.line}`,
      schema: { type: 'object', required: ['size'], properties: { size: { enum: ['S', 'M', 'L'] } } },
    })
    return { ...todo, size: size?.size ?? '?' }
  }),
)
return Object.groupBy(sized.filter(Boolean), t => t.size)
