export const meta = { name: 'suite', description: 'Runs saved workflows one after the other' }
const outcomes = {}
for (const name of ['plain', 'other']) {
  try {
    outcomes[name] = await workflow(name, { quick: true })
  } catch (error) {
    outcomes[name] = { error: error.message }
  }
}
outcomes.local = await workflow({ scriptPath: './local.js' }).catch(error => ({ error: error.message }))
return outcomes
