export const meta = { name: 'staged', description: 'Uses its own meta', phases: [{ title: 'Alpha' }, { title: 'Beta' }] }
const outputs = []
for (const [i, { title }] of meta.phases.entries()) {
  phase(title)
  outputs.push(await agent(`Stage ${title} of ${meta.name}. Before: ${outputs.at(-1) ?? 'nothing'}`, { label: `stage ${i}` }))
}
return outputs
