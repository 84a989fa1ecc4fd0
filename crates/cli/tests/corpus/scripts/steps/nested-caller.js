export const meta = { name: 'nested-caller', description: 'Asks, then tries to nest once more' }

const answer = await agent(args.question, { label: 'ask' })
let third
try {
  third = await workflow('changelog-entry', { change: 'too deep' })
} catch (error) {
  third = /one level/.test(error.message) ? 'one level deep' : String(error)
}
return { answered: answer !== null, third }
