export const meta = {
  name: 'judge-panel',
  description: 'Three approaches, three judges, one synthesis',
  phases: [{ title: 'Generate' }, { title: 'Judge' }, { title: 'Synthesize' }],
  args: { type: 'object', required: ['task'], properties: { task: { type: 'string' }, judges: { type: 'integer', minimum: 1 } } },
}
const { task, judges = 3 } = args
const ANGLES = ['the smallest thing that works', 'risk first', 'the user first']
const SCORE = { type: 'object', required: ['scores'], properties: { scores: { type: 'array', items: { type: 'number' }, maxItems: 3 } } }

phase('Generate')
const drafts = await parallel(ANGLES.map(angle => () => agent(`${task}\n\nApproach: ${angle}.`, { label: `draft:${angle}` })))
const alive = drafts.map((text, i) => ({ text, angle: ANGLES[i] })).filter(d => d.text)
if (alive.length === 0) throw new Error('no draft came back')

phase('Judge')
const sheets = await parallel(
  Array.from({ length: judges }, (_, j) => () =>
    agent(
      `Judge ${j + 1}. Score each draft from 0 to 10.\n\n${alive.map((d, i) => `## Draft ${i}\n${d.text}`).join('\n\n')}`,
      { label: `judge:${j + 1}`, schema: SCORE, effort: 'high' },
    ),
  ),
)
const total = alive.map((_, i) => sheets.reduce((sum, sheet) => sum + (sheet?.scores[i] ?? 0), 0))
const best = total.indexOf(Math.max(...total))

phase('Synthesize')
const answer = await agent(
  `Write the final version from this draft:\n${alive[best].text}\n\nTake over what is good in the others:\n${alive.filter((_, i) => i !== best).map(d => d.text).join('\n---\n')}`,
  { label: 'synthesis' },
)
return answer ?? alive[best].text
