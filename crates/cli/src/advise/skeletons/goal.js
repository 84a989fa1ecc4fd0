export const meta = { name: 'goal', description: 'One agent at a time, until the check passes' }

const TASK = {{task}}
const CHECK = {{check}}
const ROUNDS = 5
const STATE = {
  type: 'object',
  required: ['passed', 'left'],
  properties: {
    passed: { type: 'boolean', description: 'the check passes and nothing is left to do' },
    left: { type: 'string', maxLength: 2000, description: 'what is left, for whoever goes on' },
  },
}

let left = 'everything'
for (let round = 1; round <= ROUNDS; round++) {
  const state = await agent(`${TASK}\n${CHECK}\nLeft to do: ${left}\nWork until the check passes, or as far as you get.`, { label: `round ${round}`, schema: STATE })
  if (state?.passed) return { passed: true, rounds: round }
  left = state?.left ?? left
}
return { passed: false, rounds: ROUNDS, left }
