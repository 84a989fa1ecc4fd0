export const meta = {
  name: 'fix-until-green',
  description: 'Fixes until the tests pass, at most five times',
  phases: [{ title: 'Test' }, { title: 'Fix' }],
  limits: { agents: 12, minutes: 60 },
}
const OUTCOME = {
  type: 'object',
  required: ['passed', 'failures'],
  properties: { passed: { type: 'boolean' }, failures: { type: 'array', items: { type: 'string' }, maxItems: 20 } },
}
let last = null
for (let i = 1; i <= 5; i++) {
  phase('Test')
  last = await agent('Run `npm test` and report the failures.', { label: `test ${i}`, schema: OUTCOME })
  if (last === null) return { green: false, why: 'the tests could not be run' }
  if (last.passed) return { green: true, rounds: i }
  phase('Fix')
  const fixed = await agent(`Fix these failures, do not touch the tests:\n${last.failures.map(f => `- ${f}`).join('\n')}`, { label: `fix ${i}` })
  if (!fixed) break
}
return { green: false, failures: last?.failures ?? [] }
