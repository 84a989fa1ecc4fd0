export const meta = { name: 'parts', description: 'One agent for each part, one that puts them together' }

const TASK = {{task}}
const CHECK = {{check}}
const PARTS = ['the first part', 'the second part'] // write them down

const done = await parallel(PARTS.map(part => () =>
  agent(`The whole: ${TASK}\nYour part, and only that: ${part}\nSay what you changed or found, and where.`, { label: part })))

return await agent(`${TASK}\nThe parts were done by others:\n${done.map(String).join('\n\n')}\nPut them together. ${CHECK}`, { label: 'together' })
