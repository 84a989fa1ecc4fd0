export const meta = {
  name: 'release-notes',
  description: 'Sections from a table',
  phases: [{ title: 'Collect' }, { title: 'Write' }, { title: 'Polish' }],
}
const STEPS = [
  { phase: 'Collect', ask: () => 'List the merged pull requests since the last tag.' },
  { phase: 'Write', ask: previous => `Write release notes from:\n${previous}` },
  { phase: 'Polish', ask: previous => `Shorten and polish:\n${previous}` },
]
let text = ''
for (const step of STEPS) {
  phase(step.phase)
  const next = await agent(step.ask(text), { label: step.phase.toLowerCase(), model: step.phase === 'Collect' ? 'haiku' : 'inherit' })
  if (next === null) return { stopped: step.phase, text }
  text = next
}
return text
