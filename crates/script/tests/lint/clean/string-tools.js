export const meta = { name: 'changelog', description: 'Text in, text out' }
const raw = String.raw`C:\new\table`
const dedent = s => s.replace(/^[ \t]+/gm, '')
const prompt = dedent(`
  Write the changelog.
  undefined behaviour in C counts as a bug, NaN handling too.
  Paths look like ${raw}.
`)
const reply = (await agent(prompt, { label: 'changelog' })) || 'no answer'
const lines = reply.split('\n').map(l => l.trimEnd()).filter(Boolean)
return lines.length > 40 ? `${lines.slice(0, 40).join('\n')}\n…` : lines.join('\n')
