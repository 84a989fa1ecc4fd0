export const meta = {
  name: 'cap-reached',
  description: 'Runs into its own limit of agents and ends gracefully with what it has',
  limits: { agents: 7 },
  phases: [{ title: 'Fan out' }],
}

phase('Fan out')
const modules = Array.from({ length: 12 }, (_, i) => `module-${String(i + 1).padStart(2, '0')}`)
const done = []
let stopped = null
for (const m of modules) {
  try {
    const text = await agent(`Document ${m}.`, { label: m })
    done.push([m, text !== null])
  } catch (error) {
    stopped = {
      at: m,
      names: /agents?/.test(error.message),
      setting: /max.agents|limits\.agents/.test(error.message),
    }
    break
  }
}
const summary = failures().at(-1)
return {
  documented: done.filter(([, ok]) => ok).length,
  asked: done.length,
  stopped,
  kind: summary?.kind ?? null,
}
