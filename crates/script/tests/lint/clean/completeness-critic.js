export const meta = { name: 'critic', description: 'Answers, then asks what is missing' }
const GAPS = { type: 'object', required: ['gaps'], properties: { gaps: { type: 'array', maxItems: 4, items: { type: 'string' } } } }
let answer = await agent('How does authentication work in this repository?', { label: 'answer' })
for (let round = 1; round <= 3; round++) {
  const critique = await agent(`What is missing or unproven in this answer?\n\n${answer}`, { label: `critic ${round}`, schema: GAPS })
  if (!critique || critique.gaps.length === 0) break
  const extra = await parallel(critique.gaps.map((gap, i) => () => agent(`Find out: ${gap}`, { label: `gap ${round}.${i}` })))
  const found = extra.map((text, i) => `${critique.gaps[i]}: ${text ?? 'not found'}`)
  answer = (await agent(`Extend this answer:\n${answer}\n\nBy:\n${found.join('\n')}`, { label: `extend ${round}` })) ?? answer
}
return answer
