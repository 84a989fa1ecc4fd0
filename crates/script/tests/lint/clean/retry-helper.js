export const meta = { name: 'retry', description: 'Asks up to three times' }
async function ask(prompt, options) {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const reply = await agent(attempt === 1 ? prompt : `${prompt}\n\n(attempt ${attempt}: answer this time)`, {
      ...options,
      label: `${options.label}#${attempt}`,
    })
    if (reply !== null) return reply
  }
  throw new Error(`${options.label}: three attempts came to nothing`)
}
const PLAN = { type: 'object', required: ['steps'], properties: { steps: { type: 'array', items: { type: 'string' }, maxItems: 6 } } }
const plan = await ask('Plan the release.', { label: 'plan', schema: PLAN })
const done = []
for (const [i, step] of plan.steps.entries()) {
  done.push(await ask(`Step ${i + 1}: ${step}\nDone so far:\n${done.join('\n')}`, { label: `step ${i + 1}` }))
}
return done
