export const meta = { name: 'race', description: 'First answer wins' }
const timeout = new Promise(resolve => setTimeout(() => resolve('too late'), 60_000))
const first = await Promise.race([agent('Answer quickly: what is in src?', { label: 'fast', model: 'haiku' }), timeout])
if (first === 'too late') return { answer: null, why: first }
const [a, b] = await parallel([
  () => agent(`Is this right?\n${first}`, { label: 'judge a' }),
  () => agent(`What is missing?\n${first}`, { label: 'judge b' }),
])
return { answer: first, right: a ?? 'not judged', missing: b ?? 'not judged' }
