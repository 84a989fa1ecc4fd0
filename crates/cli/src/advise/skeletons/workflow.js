export const meta = {
  name: 'task',
  description: 'Finds the parts, works on each until another agent finds nothing wrong, looks for what came up',
  phases: [{ title: 'Find' }, { title: 'Work' }, { title: 'Check' }],
}

const TASK = {{task}}
const CHECK = {{check}}
const ROUNDS = 3
const PARTS_MAX = 200

const PARTS = { type: 'object', required: ['parts'], properties: { parts: { type: 'array', maxItems: PARTS_MAX, items: { type: 'string', maxLength: 300 } } } }
const WORK = {
  type: 'object',
  required: ['passed', 'patch', 'more'],
  properties: {
    passed: { type: 'boolean', description: 'you ran the check and it passed' },
    patch: { type: 'string', maxLength: 20000, description: 'the output of `git diff`, or what you found, with its sources' },
    more: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 300 }, description: 'parts that came to light' },
  },
}
const VERDICT = { type: 'object', required: ['right', 'problem'], properties: { right: { type: 'boolean' }, problem: { type: 'string', maxLength: 600 } } }

const work = async part => {
  let problem = ''
  for (let round = 1; round <= ROUNDS; round++) {
    const mend = problem ? `\nThe last try was not right: ${problem}` : ''
    const result = await agent(`The whole: ${TASK}\nYour part, and only that: ${part}\n${CHECK}${mend}`, { label: part, phase: 'Work', schema: WORK, isolation: 'worktree' })
    if (!result) continue
    const verdict = result.passed && (await agent(`Task: ${TASK}\nPart: ${part}\nResult:\n${result.patch}\nTry to refute that it is right.`, { label: part, phase: 'Check', schema: VERDICT, agentType: 'Explore' }))
    if (verdict?.right) return { part, ...result }
    problem = verdict?.problem ?? 'the check did not pass'
  }
  return { part, passed: false, patch: '', more: [], problem }
}

phase('Find')
const found = await agent(`List the independent parts of this task; search, do not guess: ${TASK}`, { label: 'find', agentType: 'Explore', schema: PARTS })
const seen = new Set()
const results = []
let next = found?.parts ?? []
while (next.length && results.length < PARTS_MAX) {
  const parts = [...new Set(next)].filter(part => !seen.has(part)).slice(0, PARTS_MAX - results.length)
  parts.forEach(part => seen.add(part))
  const done = (await parallel(parts.map(part => () => work(part)))).filter(Boolean)
  results.push(...done)
  next = done.flatMap(one => one.more)
}
return { right: results.filter(one => one.passed), left: results.filter(one => !one.passed) }
