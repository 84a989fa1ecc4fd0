export const meta = { name: 'changelog-entry', description: 'Writes one changelog entry in the house style' }

phase('Changelog')
const style = 'Imperative mood, one line, no full stop, the user first 🙂'
const entry = await agent(`Write a changelog entry for: ${args.change}\n\n${style}`, {
  label: `entry:${args.change.slice(0, 20)}`,
})
return entry?.split('\n')[0] ?? null
